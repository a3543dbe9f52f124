"""Tests of plugins/nerf/field/camera."""
