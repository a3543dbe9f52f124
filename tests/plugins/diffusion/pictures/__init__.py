"""Tests of plugins/diffusion/pictures."""
