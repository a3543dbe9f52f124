"""Data, objectives, measurements and recipes of models of pictures; no Qt."""
