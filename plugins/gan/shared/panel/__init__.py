"""What panels of several kinds of GANs show alike."""
