"""Tests of shell/export."""
