"""Tests of core/sound."""
