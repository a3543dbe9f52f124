"""The kind of model that writes molecules."""
