"""The network that dreams the next picture."""
