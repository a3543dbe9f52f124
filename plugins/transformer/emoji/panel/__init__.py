"""The window of drawing from a sentence; no torch."""
