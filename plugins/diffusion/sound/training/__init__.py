"""Data, objective, measurements and recipes of models of sounds; no Qt."""
