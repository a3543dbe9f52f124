"""Tests of the variational autoencoders."""
