"""Tests of datasets/table."""
