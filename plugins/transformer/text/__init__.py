"""Text, one token at a time."""
