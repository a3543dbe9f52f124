"""A TrueType font out of a place of latent space."""
