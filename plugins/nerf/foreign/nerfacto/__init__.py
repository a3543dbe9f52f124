"""Scenes that nerfstudio's nerfacto has learnt, in its build for torch."""
