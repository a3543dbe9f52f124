"""Tests of plugins/diffusion/shared/model."""
