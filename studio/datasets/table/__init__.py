"""Reads series out of a person's own table."""
