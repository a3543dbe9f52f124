"""Texts that grow word by word with a long memory: Transformer-XL."""
