"""The part of the window for digits that are copied or ordered."""
