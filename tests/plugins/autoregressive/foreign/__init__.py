"""Tests of plugins/autoregressive/foreign."""
