"""What the coder and the writers learn from, how, and how it is measured; no Qt."""
