"""Tests of plugins/autoregressive/infill."""
