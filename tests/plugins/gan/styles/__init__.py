"""Tests of plugins/gan/styles."""
