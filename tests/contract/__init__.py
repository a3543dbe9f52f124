"""Tests that run over every family found."""
