"""Draw: an icon painted into an outline, by pix2pix."""
