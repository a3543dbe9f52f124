"""Drawing splats."""
