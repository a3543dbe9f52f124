"""Tests of plugins/transformer/foreign."""
