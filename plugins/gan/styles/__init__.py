"""Styles: emoji from one art style into another, by CycleGAN."""
