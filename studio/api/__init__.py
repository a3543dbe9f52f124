"""The only door through which a family reaches the host."""
