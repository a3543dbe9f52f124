"""Data, measurements and recipes of forecasters."""
