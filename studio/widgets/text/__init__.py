"""A text as chips tinted by surprise, bars of what could have come, the tree of its branches."""
