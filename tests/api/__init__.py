"""Tests of studio.api."""
