"""Tests of plugins/diffusion/sound."""
