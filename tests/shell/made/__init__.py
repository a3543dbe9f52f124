"""Tests of shell/made."""
