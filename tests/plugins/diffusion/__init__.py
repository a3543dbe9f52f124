"""Tests of the diffusion family."""
