"""Tests of studio.nn."""
