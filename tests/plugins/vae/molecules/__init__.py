"""Tests of plugins/vae/letters."""
