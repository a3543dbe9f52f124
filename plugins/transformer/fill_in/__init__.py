"""Texts with gaps: an encoder that sees both sides of each, and writes in any order."""
