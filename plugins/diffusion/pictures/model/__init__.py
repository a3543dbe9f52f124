"""The networks of pictures: U-Net, autoencoder, text encoder, and how samplers see them; no Qt."""
