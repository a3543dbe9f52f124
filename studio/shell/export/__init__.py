"""How what is on screen or on the timeline becomes a file."""
