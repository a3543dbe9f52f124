"""Tests of plugins/nerf/field/render."""
