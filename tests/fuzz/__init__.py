"""Every reader against files that are broken on purpose, each in a process with bounds on memory and time."""
