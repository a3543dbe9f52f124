"""Transformers that write text, one token at a time."""
