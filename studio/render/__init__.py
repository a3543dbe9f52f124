"""Drawing as plain objects that own no window."""
