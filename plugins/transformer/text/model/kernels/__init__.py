"""A decoder's step for one token as compiled loops."""
