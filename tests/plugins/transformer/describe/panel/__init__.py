"""Tests of the panel of descriptions."""
