"""Tests of plugins/diffusion/sound/training."""
