"""Tests of plugins/gan/shared."""
