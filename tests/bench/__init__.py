"""Benchmarks: every budget of the program has one, run by `main.py bench`."""
