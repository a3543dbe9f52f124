"""Tests of plugins/vae/shared."""
