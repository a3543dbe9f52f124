"""Two recordings beside or upon each other, locked together."""
