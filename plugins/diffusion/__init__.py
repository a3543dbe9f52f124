"""Diffusion: pictures and sounds out of noise, step by step."""
