"""Cameras, their rays and how they move; plain numbers."""
