"""The main window and all that it frames: tabs, Home, preferences, command palette, help pane, crash dialog."""
