"""Small faults put into the program one at a time, to measure what the tests find."""
