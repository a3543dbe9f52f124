"""Files that hold weights, read as plain data."""
