"""Tests of descriptions of drawn faces."""
