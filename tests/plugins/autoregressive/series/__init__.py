"""Tests of plugins/autoregressive/series."""
