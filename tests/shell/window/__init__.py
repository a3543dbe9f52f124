"""Tests of shell/window."""
