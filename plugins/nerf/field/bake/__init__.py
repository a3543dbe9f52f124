"""A field baked into bricks of voxels that are drawn many times a second."""
