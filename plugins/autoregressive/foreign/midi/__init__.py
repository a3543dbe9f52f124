"""Reads music out of MIDI files onto the grid of four voices."""
