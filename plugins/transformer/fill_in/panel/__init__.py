"""The window of texts with gaps; no torch."""
