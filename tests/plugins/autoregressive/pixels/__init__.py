"""Tests of plugins/autoregressive/pixels."""
