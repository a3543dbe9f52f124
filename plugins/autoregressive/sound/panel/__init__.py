"""What is seen and touched of models of sounds."""
