"""Writes clips as files of every kind that other programs read."""
