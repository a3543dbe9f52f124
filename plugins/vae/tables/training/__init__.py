"""How the network learns a table, and what it is held against; no Qt."""
