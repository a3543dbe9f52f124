"""Describes drawn faces and answers questions about them (`transformer/caption`)."""
