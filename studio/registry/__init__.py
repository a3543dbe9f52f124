"""Finds the families, checks them, and opens their engines and panels by name."""
