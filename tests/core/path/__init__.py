"""Tests of core/path."""
