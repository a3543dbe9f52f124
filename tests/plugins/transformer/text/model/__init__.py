"""Tests of plugins/transformer/text/model."""
