"""Variational autoencoders: pictures squeezed into a few numbers and back."""
