"""Tests of plugins/diffusion/sound/panel."""
