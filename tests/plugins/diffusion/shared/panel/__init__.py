"""Tests of plugins/diffusion/shared/panel."""
