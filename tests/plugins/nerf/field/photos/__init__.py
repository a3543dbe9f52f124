"""Tests of plugins/nerf/field/photos."""
