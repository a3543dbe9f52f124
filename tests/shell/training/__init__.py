"""Tests of shell/training."""
