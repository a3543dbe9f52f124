"""Tests of plugins/diffusion/shared."""
