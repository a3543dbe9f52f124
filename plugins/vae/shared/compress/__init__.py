"""Pictures as few bytes: a place in latent space, rounded and written by a range coder."""
