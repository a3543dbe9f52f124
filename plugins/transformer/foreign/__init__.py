"""Readers of other programs' models."""
