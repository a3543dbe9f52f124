"""Paths: positions in time, the smooth route through them, and how fast it is walked."""
