"""Tests of plugins/nerf/splats/panel."""
