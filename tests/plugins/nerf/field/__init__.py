"""Tests of plugins/nerf/field."""
