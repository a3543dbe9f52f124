"""Tests of the generative adversarial networks."""
