"""What is seen and touched of this kind: the panel, its sections and canvases."""
