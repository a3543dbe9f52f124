"""Tests of plugins/nerf/splats/model."""
