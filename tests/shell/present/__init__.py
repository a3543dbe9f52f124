"""Tests of shell/present."""
