"""Draws splats."""
