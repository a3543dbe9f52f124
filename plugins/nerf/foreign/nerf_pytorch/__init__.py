"""Original NeRFs from checkpoints of nerf-pytorch."""
