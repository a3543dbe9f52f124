"""Plots: what they show as plain values, and the one widget that shows them."""
