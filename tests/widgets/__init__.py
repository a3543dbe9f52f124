"""Tests of studio.widgets."""
