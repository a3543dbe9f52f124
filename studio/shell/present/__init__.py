"""Presenting to visitors: the canvas large, a few large controls, and back to the start by itself."""
