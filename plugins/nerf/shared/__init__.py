"""What fields and splats share: cameras, how pictures are coloured, how large they may be, and what a hand does."""
