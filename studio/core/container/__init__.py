"""Readers of foreign files: each looks at bytes within bounds and runs nothing that it finds there."""
