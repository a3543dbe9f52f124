"""The window of translations; no torch."""
