"""Tests of datasets/emoji."""
