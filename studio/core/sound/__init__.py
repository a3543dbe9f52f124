"""Sounds: notes, waves, spectrograms, and the files that hold them."""
