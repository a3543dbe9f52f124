"""What a splat is."""
