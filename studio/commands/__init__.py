"""Commands, keys and undo steps as plain data and logic, without widgets."""
