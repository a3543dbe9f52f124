"""The network of sounds, readable without the rest; no Qt."""
