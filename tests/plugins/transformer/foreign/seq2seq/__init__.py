"""Encoder–decoders of other people."""
