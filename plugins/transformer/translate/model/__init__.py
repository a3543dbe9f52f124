"""The encoder–decoder, its search and its file; no Qt."""
