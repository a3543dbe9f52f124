"""Tests of shell/tour."""
