"""Gaussian splats from the files of other programs, and back into them."""
