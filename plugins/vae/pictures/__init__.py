"""Pictures: digits, drawn faces, and a person's own pictures."""
