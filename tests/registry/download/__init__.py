"""Tests of what brings models by name."""
