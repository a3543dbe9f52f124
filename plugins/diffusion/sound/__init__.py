"""Sounds out of noise."""
