"""The picture coder, the writers of tokens, their sampling and their file; no Qt."""
