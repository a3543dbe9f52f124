"""Tests of plugins/transformer/text/training."""
