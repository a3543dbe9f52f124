"""The encoder, its weights, and how it fills gaps; readable without the rest, no Qt."""
