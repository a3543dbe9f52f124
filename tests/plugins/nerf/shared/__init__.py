"""Tests of plugins/nerf/shared."""
