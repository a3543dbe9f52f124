"""Tests of plugins/autoregressive/shared."""
