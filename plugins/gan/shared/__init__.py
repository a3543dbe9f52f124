"""What several kinds of GANs use: losses, cards, mosaics of pictures, the reader of weights."""
