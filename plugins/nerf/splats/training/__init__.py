"""Learns splats from photos."""
