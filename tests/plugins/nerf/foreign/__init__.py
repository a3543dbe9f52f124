"""Tests of plugins/nerf/foreign."""
