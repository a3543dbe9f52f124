"""Autoencoders of coloured pictures, and what draws their layers at any size."""
