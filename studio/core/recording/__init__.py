"""Recordings: the frames of a run, how they are kept, written and read."""
