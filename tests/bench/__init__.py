"""Benchmarks, which `main.py bench` runs and `docs/figures.md` reports."""
