"""Photos of a scene with the cameras that took them."""
