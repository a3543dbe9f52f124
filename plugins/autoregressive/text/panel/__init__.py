"""What is seen and touched of texts with a memory."""
