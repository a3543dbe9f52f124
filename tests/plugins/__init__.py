"""Tests of the families that come with the program."""
