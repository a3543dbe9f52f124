"""The cards and sample sheets of all kinds of models."""
