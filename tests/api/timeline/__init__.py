"""Tests of the timeline behind panels."""
