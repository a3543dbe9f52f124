"""A game played inside a network that dreams the next picture."""
