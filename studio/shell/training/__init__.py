"""Trainings in the window: asked for, watched, stopped and kept."""
