"""Tests of plugins/vae/tables."""
