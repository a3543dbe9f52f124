"""Tests of plugins/diffusion/pictures/model."""
