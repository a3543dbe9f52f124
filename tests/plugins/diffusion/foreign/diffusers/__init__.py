"""Tests of plugins/diffusion/foreign/diffusers."""
