"""What was exported from here: remembered with a small picture and with what made it, to be opened again."""
