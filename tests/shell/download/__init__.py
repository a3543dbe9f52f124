"""Tests of the dialog that gets models."""
