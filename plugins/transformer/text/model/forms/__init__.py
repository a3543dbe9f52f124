"""Texts that keep to a form: a choice, a regular expression, a JSON schema."""
