"""Tests of plugins/autoregressive/text."""
