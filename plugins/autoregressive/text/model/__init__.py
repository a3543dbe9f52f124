"""The Transformer-XL and how it reads, readable without the rest."""
