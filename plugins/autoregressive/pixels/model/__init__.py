"""Networks, kernels and samplers of pixels, readable without the rest."""
