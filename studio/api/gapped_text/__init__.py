"""Texts with gaps: the page on which a hand makes them, the runs that fill them, and what is asked of their engine."""
