"""Four voices that grow sixteenth by sixteenth: a decoder-only transformer."""
