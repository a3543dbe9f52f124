"""The panel of drawing."""
