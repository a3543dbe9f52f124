"""Tests of studio.compute."""
