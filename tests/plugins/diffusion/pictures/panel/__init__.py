"""Tests of plugins/diffusion/pictures/panel."""
