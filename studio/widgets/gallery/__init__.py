"""What there is to choose from, with pictures, found by a few typed letters."""
