"""Tests of plugins/vae/pictures."""
