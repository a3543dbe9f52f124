"""The panel of a scene of splats."""
