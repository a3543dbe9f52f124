"""Tests of plugins/transformer/text/panel."""
