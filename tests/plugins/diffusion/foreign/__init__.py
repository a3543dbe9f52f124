"""Tests of plugins/diffusion/foreign."""
