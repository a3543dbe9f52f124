"""Translates: an encoder reads a sentence, a decoder writes it in another language."""
