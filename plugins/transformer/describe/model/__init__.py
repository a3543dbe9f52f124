"""The network that reads a picture and writes about it, and its file; no Qt."""
