"""The window on a dreamt game."""
