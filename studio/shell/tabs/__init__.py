"""The open tabs: their strip, the pages in them, and what brings a model into one."""
