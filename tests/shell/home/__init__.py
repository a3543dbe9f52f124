"""Tests of shell/home."""
