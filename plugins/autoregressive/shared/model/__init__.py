"""Heads of networks, and what kernels of several kinds are made of."""
