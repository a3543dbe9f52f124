"""Noise, conditioning, samplers and runs, whatever network is inside; no Qt."""
