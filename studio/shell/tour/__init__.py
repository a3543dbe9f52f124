"""Tours: the program shows what to do in the real panel, and notices that it was done."""
