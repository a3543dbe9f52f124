"""Reusable PySide6 parts, from which the shell and the panels are put together."""
