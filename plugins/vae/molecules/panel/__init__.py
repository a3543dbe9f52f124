"""The window of a model of molecules."""
