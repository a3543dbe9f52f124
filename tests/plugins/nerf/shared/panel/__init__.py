"""Tests of plugins/nerf/shared/panel."""
