"""Data sets that several families learn from, each built by a recipe."""
