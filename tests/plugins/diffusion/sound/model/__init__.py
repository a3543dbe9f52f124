"""Tests of plugins/diffusion/sound/model."""
