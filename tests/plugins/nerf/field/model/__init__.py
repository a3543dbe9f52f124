"""Tests of plugins/nerf/field/model."""
