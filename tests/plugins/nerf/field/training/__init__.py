"""Tests of plugins/nerf/field/training."""
