"""Tests of plugins/diffusion/pictures/training."""
