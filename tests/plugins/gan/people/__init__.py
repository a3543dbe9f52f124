"""Tests of plugins/gan/people."""
