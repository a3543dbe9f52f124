"""Sounds that grow sample by sample: WaveNet."""
