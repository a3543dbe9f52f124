"""What a panel shows a scene with, whatever the scene is made of."""
