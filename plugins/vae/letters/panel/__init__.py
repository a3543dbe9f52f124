"""The part of the window for typefaces."""
