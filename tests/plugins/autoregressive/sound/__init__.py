"""Tests of plugins/autoregressive/sound."""
