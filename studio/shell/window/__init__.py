"""The main window: its bars, tabs, pages, commands and preferences."""
