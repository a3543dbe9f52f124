"""What is seen and touched of pictures alone: canvas, masks, attention, own pictures."""
