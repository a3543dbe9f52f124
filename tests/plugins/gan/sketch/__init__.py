"""Tests of plugins/gan/sketch."""
