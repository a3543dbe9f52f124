"""Encoder–decoders of other people: folders of T5, BART, Marian and their kin."""
