"""Draws what a sentence says: a picture in tokens, from coarse to fine or line by line."""
