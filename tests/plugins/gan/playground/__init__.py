"""Tests of plugins/gan/playground."""
