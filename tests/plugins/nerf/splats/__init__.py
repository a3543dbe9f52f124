"""Scenes of splats."""
