"""What the recipes of all kinds use."""
