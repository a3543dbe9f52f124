"""Tokenizers that other programs' models bring along."""
