"""Play: generator and discriminator learn points of two numbers before one's eyes."""
