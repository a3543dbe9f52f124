"""What pictures and sounds out of noise share."""
