"""The network that fills gaps, and how it does; no Qt."""
