"""Tests of datasets/music."""
