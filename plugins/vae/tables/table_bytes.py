"""A table as bytes that frames, sessions and files hold, and back: packed JSON with bounds on everything; no torch."""

import json
import zlib
from collections.abc import Generator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.table import (
    LARGEST,
    MAX_CELLS,
    MAX_DECIMALS,
    MAX_NAME,
    MAX_WORDS,
    MixedColumn,
    MixedTable,
    reading_mixed,
)
from studio.core.error import UserError
from studio.core.scene_codec import UNFIT_STATE

MAX_BYTES: Final = 16 << 20
_MAX_UNPACKED: Final = 64 << 20
_MAX_CELL: Final = 4096
_MAX_NOTE: Final = 2000
_MAX_COLUMNS: Final = 64
Bytes = npt.NDArray[np.uint8]


def table_bytes(table: MixedTable) -> Bytes:
    """The table, packed: (B,) uint8."""
    plain = {
        "n_rows": table.n_rows,
        "note": str(table.note)[:_MAX_NOTE],
        "columns": [
            {
                "name": column.name,
                "values": [None if np.isnan(value) else value for value in column.values.tolist()],
                "words": list(column.words),
                "n_decimals": column.n_decimals,
                "cells": list(column.cells),
            }
            for column in table.columns
        ],
    }
    return np.frombuffer(zlib.compress(json.dumps(plain, ensure_ascii=False).encode(), 6), np.uint8).copy()


def table_in(data: Bytes) -> MixedTable:
    """The reverse; raises UserError where the bytes are no sound table. The last few tables are kept."""
    if data.dtype != np.uint8 or data.ndim != 1 or not 0 < len(data) <= MAX_BYTES:
        raise UserError(UNFIT_STATE)
    return _table_in(data.tobytes())


@lru_cache(4)
def _table_in(data: bytes) -> MixedTable:
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(data, _MAX_UNPACKED)
        if unpacker.unconsumed_tail:
            raise ValueError("too large")
        plain = json.loads(text)
        columns = tuple(map(_column, _sound(plain["columns"], 0 < len(plain["columns"]) <= _MAX_COLUMNS)))
        n_rows, note = plain["n_rows"], plain["note"]
        is_fit = type(n_rows) is int and 0 < n_rows <= MAX_CELLS and all(_is_long(one, n_rows) for one in columns)
        return MixedTable(columns, _sound(n_rows, is_fit), _text(note, _MAX_NOTE))
    except (zlib.error, AttributeError, KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise UserError(UNFIT_STATE) from error


def _column(plain: Mapping[str, Any]) -> MixedColumn:
    words = tuple(_text(word, _MAX_CELL) for word in plain["words"])
    cells = tuple(_text(cell, _MAX_CELL) for cell in plain["cells"])
    values = np.array([np.nan if value is None else value for value in plain["values"]], np.float64)
    known = values[np.isfinite(values)]
    is_sound = values.ndim == 1 and not np.isinf(values).any() and bool((np.abs(known) < LARGEST).all())
    if words:
        is_sound = is_sound and bool((np.isin(known, np.arange(len(words)))).all()) and len(words) <= MAX_WORDS
    n_decimals = plain["n_decimals"]
    is_sound = is_sound and type(n_decimals) is int and 0 <= n_decimals <= MAX_DECIMALS
    return MixedColumn(_text(plain["name"], MAX_NAME + 8), _sound(values, is_sound), words, n_decimals, cells)


def _is_long(column: MixedColumn, n_rows: int) -> bool:
    return len(column.cells if column.is_kept else column.values) == n_rows


def _text(value: Any, most: int) -> str:
    return str(_sound(value, isinstance(value, str) and len(value) <= most))


def _sound(value: Any, is_sound: bool) -> Any:
    if not is_sound:
        raise ValueError(value)
    return value


def read_table(_: object, path: Path) -> Generator[None, None, Bytes]:
    """The table in a file as bytes; yields often. Raises UserError where nothing can be learnt from it."""
    table = yield from reading_mixed(path)
    yield
    return table_bytes(table)
