"""Tests of plugins/nerf/field/bake."""
