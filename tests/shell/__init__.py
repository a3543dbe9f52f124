"""Tests of studio.shell."""
