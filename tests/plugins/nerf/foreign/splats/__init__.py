"""Tests of plugins/nerf/foreign/splats."""
