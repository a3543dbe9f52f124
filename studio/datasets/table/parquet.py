"""Reads the rows of a Parquet file as those of any other table: what its types know stands in cells as text."""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.core.container.source import file_size, open_regular
from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.table.head import Row, named
from studio.datasets.table.numbers import AT_ONCE
from studio.datasets.table.rows import KEPT_ROWS, MAX_BYTES, MAX_CELL, MAX_COLUMNS, Table, is_newest_first

MAGIC: Final = b"PAR1"
MAX_UNPACKED_BYTES: Final = 4 << 30
"""As the file claims: far more than it has itself is a trap."""
_MAX_THRIFT: Final = 16 << 20
_BUFFER_BYTES: Final = 1 << 16
_INDEX: Final = "__index_level_"  # how pandas calls the numbers of rows


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet files do; False also where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def reading_parquet(path: Path) -> Generator[None, None, Table]:
    """The rows of a file, the newest ones where there are too many; columns of times come first. Yields often.

    Times with a zone are those that its clocks show. Columns of lists, structures and bytes are left out.

    Raises:
        UserError: pyarrow is not installed; the file cannot be read, is too large, or damaged.
    """
    arrow = _library()
    with open_regular(path) as file:
        if file_size(file) > MAX_BYTES:
            raise UserError(N_("This table is larger than {n} MB.").format(n=MAX_BYTES >> 20), N_("Make it shorter."))
        try:
            return (yield from _newest_rows(_Columns(arrow, file)))
        except (arrow.ArrowException, OSError, ValueError, LookupError, OverflowError) as error:
            raise UserError(
                N_("This Parquet file is damaged, or of a kind that cannot be read here."), N_("Save it as CSV.")
            ) from error


def _library() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError as error:
        raise UserError(
            N_("Parquet files need the package pyarrow."),
            N_("Install this program’s “parquet” extra, or save the table as CSV."),
        ) from error
    return pa


def _opened(arrow: Any, file: Any, words: Sequence[str]) -> Any:
    """The file; these columns are read as they are kept in it: each word once, however often it stands there."""
    return arrow.parquet.ParquetFile(
        file,
        read_dictionary=words,
        pre_buffer=False,
        buffer_size=_BUFFER_BYTES,
        thrift_string_size_limit=_MAX_THRIFT,
        thrift_container_size_limit=_MAX_THRIFT,
    )


class _Columns:
    """The columns of a file that a series can be made of.

    Attributes:
        names: of them, times first. n_rows: of the whole file. n_columns: that could have been read.
        typed: the places of those that the file knows as numbers.
    """

    def __init__(self, arrow: Any, file: Any) -> None:
        self._arrow, self._file = arrow, file
        source = _opened(arrow, file, ())
        schema = source.schema_arrow
        if len(set(schema.names)) < len(schema.names):
            raise ValueError("two columns of one name")
        kept = [field for field in schema if self._is_usable(field)]
        kept.sort(key=lambda field: not arrow.types.is_temporal(field.type))
        self._fields = kept[:MAX_COLUMNS]
        self.names, self.n_columns = [field.name for field in self._fields], len(kept)
        self.typed = frozenset(place for place, field in enumerate(self._fields) if self._is_number(field.type))
        self._words = [field.name for field in self._fields if self._is_word(field.type)]
        self._metadata = source.metadata
        self.n_rows = source.metadata.num_rows
        self._check_unpacked()

    def _is_usable(self, field: Any) -> bool:
        types, kind = self._arrow.types, field.type
        if types.is_dictionary(kind):
            kind = kind.value_type
        is_time = types.is_timestamp(kind) or types.is_date(kind)
        return is_time or self._is_word(kind) or (self._is_number(kind) and not field.name.startswith(_INDEX))

    def _is_number(self, kind: Any) -> bool:
        types = self._arrow.types
        kind = kind.value_type if types.is_dictionary(kind) else kind
        return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))

    def _is_word(self, kind: Any) -> bool:
        return bool(self._arrow.types.is_string(kind) or self._arrow.types.is_large_string(kind))

    def _check_unpacked(self) -> None:
        # What is said of single columns is not asked for: pyarrow ends the process where that is damaged.
        groups = (self._metadata.row_group(number) for number in range(self._metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
            raise UserError(N_("This table would unpack to more than 4 GB."), N_("Make it shorter."))

    def rows(self, first: int, end: int) -> Generator[None, None, list[Row]]:
        """Some rows; no other groups of rows are read, and no more than a few thousand rows at once."""
        found: list[Row] = []
        if not self.names:
            return found
        for place, batch in self._batches(first, end):
            piece = batch.slice(max(first - place, 0), max(end - max(first, place), 0))
            columns = [self._cells(piece.column(field.name)) for field in self._fields]
            found += [list(row) for row in zip(*columns, strict=True)]
            yield
        return found

    def _batches(self, first: int, end: int) -> Iterator[tuple[int, Any]]:
        """Pieces of the file that hold rows first to end, each with the place of its first row."""
        counts = [self._metadata.row_group(number).num_rows for number in range(self._metadata.num_row_groups)]
        starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).tolist()
        groups = [number for number in range(len(counts)) if starts[number] < end and starts[number + 1] > first]
        if not groups:
            return
        place = starts[groups[0]]
        source = _opened(self._arrow, self._file, self._words)
        for batch in source.iter_batches(AT_ONCE, groups, self.names, use_threads=False):
            if place >= end:
                return
            if place + len(batch) > first:
                batch.validate(full=True)
                yield place, batch
            place += len(batch)

    def _cells(self, column: Any) -> list[str]:
        """What stands in a column, as text; "" for what is missing."""
        types, kind = self._arrow.types, column.type
        if types.is_dictionary(kind):
            known = self._cells(column.dictionary)
            return ["" if place is None else known[place] for place in column.indices.to_pylist()]
        if types.is_temporal(kind):
            return self._times(column)
        if types.is_decimal(kind):
            column = column.cast(self._arrow.float64())
        return ["" if value is None else str(value)[:MAX_CELL] for value in column.to_pylist()]

    def _times(self, column: Any) -> list[str]:
        if self._arrow.types.is_timestamp(column.type) and column.type.tz is not None:
            column = self._arrow.compute.local_timestamp(column)
        exact = column.to_numpy(zero_copy_only=False)
        whole = exact.astype("datetime64[s]")
        times = np.datetime_as_string(whole if ((whole == exact) | np.isnat(exact)).all() else exact)
        return ["" if time == "NaT" else time for time in times.tolist()]


def _newest_rows(columns: _Columns) -> Generator[None, None, Table]:
    n_rows, names = columns.n_rows, [named(name) for name in columns.names]
    rows = yield from columns.rows(0, min(n_rows, KEPT_ROWS))
    if n_rows > KEPT_ROWS and not (yield from is_newest_first(names, rows)):
        rows = yield from columns.rows(n_rows - KEPT_ROWS, n_rows)
    cut = N_("Only the first {kept:,} of {n:,} columns were read.").format(kept=len(names), n=columns.n_columns)
    return Table(names, rows, n_rows, typed=columns.typed, notes=(cut,) if columns.n_columns > len(names) else ())
