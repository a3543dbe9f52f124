"""Tests of plugins/transformer/text."""
