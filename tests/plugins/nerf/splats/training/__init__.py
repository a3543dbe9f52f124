"""Learning splats from photos."""
