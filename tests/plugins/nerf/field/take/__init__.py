"""Tests of plugins/nerf/field/take."""
