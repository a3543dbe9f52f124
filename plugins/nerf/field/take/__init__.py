"""What leaves a field as a file that other programs read: meshes, points, splats, depths."""
