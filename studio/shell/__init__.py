"""The main window and what it frames: tabs, Home, preferences, command palette, guide, crash dialog."""
