"""Models that make pictures, sounds, texts and series one value after the other."""
