"""Manifold Studio's host: everything but the families, none of which it knows by name."""
