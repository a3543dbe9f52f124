"""Tests of studio.registry."""
