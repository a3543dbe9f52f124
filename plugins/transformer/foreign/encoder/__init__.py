"""Folders of encoders that fill gaps."""
