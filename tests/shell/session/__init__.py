"""Tests of shell/session."""
