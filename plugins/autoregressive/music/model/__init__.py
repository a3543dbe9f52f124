"""Network and sampler of four voices, readable without the rest."""
