"""Tests of studio.commands."""
