"""Tests of core/container."""
