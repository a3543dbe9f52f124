"""Tests of plugins/nerf/field/panel."""
