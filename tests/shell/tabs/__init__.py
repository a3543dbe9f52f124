"""Tests of shell/tabs."""
