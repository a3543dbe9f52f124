"""What is seen and touched of a scene: the panel, its sections and canvases."""
