"""The families that come with the program, one folder each."""
