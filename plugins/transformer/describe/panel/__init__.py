"""The window of descriptions; no torch."""
