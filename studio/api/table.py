"""The door for a person's own tables: series with their times, or columns of numbers and words with gaps."""

from studio.datasets.table.line import DAY_S, LARGEST, MAX_HORIZON, Clock, SeriesInfo, SeriesLine, checked_values
from studio.datasets.table.mixed import (
    MAX_CELLS,
    MAX_DECIMALS,
    MAX_NAME,
    MAX_WORDS,
    MixedColumn,
    MixedTable,
    reading_mixed,
)
from studio.datasets.table.reader import SUFFIXES, TABLE_SUFFIXES, is_table, reading_table
from studio.datasets.table.writer import SAVED_SUFFIXES, write_table
