"""Generative adversarial networks: a forger and a detective that learn from each other."""
