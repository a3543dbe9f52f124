"""Objective and recipes of the Transformer-XL."""
