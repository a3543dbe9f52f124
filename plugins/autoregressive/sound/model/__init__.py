"""Networks, kernel and sampler of sounds, readable without the rest."""
