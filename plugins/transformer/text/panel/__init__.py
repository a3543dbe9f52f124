"""What is seen and touched of a text: the panel, its sections and canvases."""
