"""Tests of plugins/autoregressive/music."""
