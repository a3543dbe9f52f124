"""Tests of plugins/diffusion/shared/training."""
