"""Pictures out of noise."""
