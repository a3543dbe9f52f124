"""The training that gives `vae/avatars` its decoder of layers, on the latent space that the model has already."""
