"""Networks, samplers and weights of this kind, readable without the rest."""
