"""Tests of shell/live."""
