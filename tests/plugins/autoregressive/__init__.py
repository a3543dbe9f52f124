"""Tests of the models that make one value after the other."""
