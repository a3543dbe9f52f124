"""Tests of datasets/folder."""
