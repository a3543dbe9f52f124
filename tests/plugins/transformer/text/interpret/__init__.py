"""Tests of plugins/transformer/text/interpret."""
