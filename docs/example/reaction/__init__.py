"""Two substances that react and spread: an example of a family, to be copied."""
