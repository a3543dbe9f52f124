"""Pictures that grow pixel by pixel: PixelCNN and PixelRNN."""
