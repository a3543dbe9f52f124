"""Music to learn from: chorales in four voices, and single notes of instruments."""
