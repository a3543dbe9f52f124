"""Texts on screen: cursor, colours of a language, branches, what surprised most."""
