"""Training sets out of folders of a person's own pictures, sounds and texts."""
