"""Pictures written as tokens."""
