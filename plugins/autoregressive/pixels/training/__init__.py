"""Data, objective, measurements and recipes of models of pictures."""
