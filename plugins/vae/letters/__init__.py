"""Letters: letterforms in a style."""
