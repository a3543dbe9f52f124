"""A scene as a radiance field."""
