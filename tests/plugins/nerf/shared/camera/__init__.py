"""Tests of plugins/nerf/shared/camera."""
