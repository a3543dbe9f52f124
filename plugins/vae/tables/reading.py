"""Reads a person's own table on the Worker."""

from collections.abc import Generator
from pathlib import Path

from studio.api.table import reading_mixed

from .table_bytes import Bytes, table_bytes


def read_table(_: object, path: Path) -> Generator[None, None, Bytes]:
    """The table in a file as bytes; yields often. Raises UserError where nothing can be learnt from it."""
    table = yield from reading_mixed(path)
    yield
    return table_bytes(table)
