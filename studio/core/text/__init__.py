"""Texts as a person sees them: tokens, vocabularies, lines, and words for faces."""
