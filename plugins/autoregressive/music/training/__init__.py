"""Data, objective, measurements and recipe of chorales."""
