"""What the panels of all kinds use."""
