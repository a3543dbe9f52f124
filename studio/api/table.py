"""The door for a person's own tables: series read out of CSV and Parquet, with the times of their values."""

from studio.datasets.table.line import DAY_S, LARGEST, MAX_HORIZON, Clock, SeriesInfo, SeriesLine, checked_values
from studio.datasets.table.reader import SUFFIXES, TABLE_SUFFIXES, is_table, reading_table
