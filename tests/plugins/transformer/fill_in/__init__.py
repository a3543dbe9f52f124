"""Tests of texts with gaps."""
