"""Tests of the map of everything."""
