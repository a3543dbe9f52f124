"""Tests of plugins/gan/foreign."""
