"""The page of the map of everything."""
