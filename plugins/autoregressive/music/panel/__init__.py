"""What is seen and touched of music."""
