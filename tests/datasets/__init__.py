"""Tests of studio.datasets."""
