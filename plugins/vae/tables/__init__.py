"""Tables with gaps, which a VAE learns on the spot and fills in."""
