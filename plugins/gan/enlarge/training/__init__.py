"""Data, objectives, measurements and recipes of this kind."""
