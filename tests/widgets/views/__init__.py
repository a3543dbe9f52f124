"""Tests of widgets/views."""
