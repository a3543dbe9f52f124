"""Tests of studio.metrics."""
