"""Encoders of other people."""
