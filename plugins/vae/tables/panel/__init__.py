"""The window side of tables; no torch."""
