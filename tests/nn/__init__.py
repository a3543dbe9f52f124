"""Tests of what networks of several families share."""
