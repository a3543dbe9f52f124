"""What is seen and touched of any run: the inspector, the studies and what follows the frame on the canvas."""
