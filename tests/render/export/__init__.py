"""Tests of studio.render.export."""
