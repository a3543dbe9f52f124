"""Scenes of Gaussian splats."""
