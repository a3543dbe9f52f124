"""People: faces of nobody, steered by hand, by DCGAN, WGAN-GP, StyleGAN and generators of other programs."""
