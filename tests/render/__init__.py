"""Tests of studio.render."""
