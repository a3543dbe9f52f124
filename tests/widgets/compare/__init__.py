"""Comparing two runs: which frames belong together, what is painted, what hands and keys do."""
