"""Tests of plugins/gan/enlarge."""
