"""Finds what stands between the cells of a table."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .series_cells import is_gap
from .series_head import Row, is_value

NONE: Final = "\x1f"
"""Stands in no table: all of a line is one cell."""
SPACES: Final = " "
"""Columns are kept apart by one space or more."""
_SEPARATORS: Final = (",", ";", "\t", "|")
_WITH_COMMA: Final = re.compile(r"\s*[+-]?[\d.]+,\d+\s*")
_ZERO_FIRST: Final = re.compile(r".*,0\d+\s*")
_INNER_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")
_RUNS: Final = re.compile(r"\s{2,}")
_MOST_ROWS: Final = 60


def separator_of(lines: Sequence[str]) -> str:
    """What cuts most of these lines into equally many cells, and at least two; `NONE` where commas are in numbers.

    Spaces do where no mark but commas in numbers cuts half of the lines, and runs of them stand between values.
    """

    def fits(separator: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        width, n = max(counts.items(), key=lambda one: (one[0] > 1, one[1])) if counts else (1, 0)
        return (n if width > 1 else 0), width

    best = max(_SEPARATORS, key=fits)
    if best == "," and fits(";")[0] >= 0.9 * max(len(lines) - 3, 1):
        return ";"
    cuts_half = 2 * fits(best)[0] >= sum(map(bool, map(str.strip, lines)))
    if (not cuts_half or _has_commas_in_numbers(best, lines)) and _has_runs_of_spaces(lines):
        return SPACES
    return NONE if best == "," and _are_single_numbers(lines) else best


def cut(lines: Iterable[str], separator: str) -> Iterator[Row]:
    """The cells of each line."""
    if separator == SPACES:
        return _spaced(iter(lines))
    return csv.reader(lines, delimiter=separator, skipinitialspace=True)


def _spaced(lines: Iterator[str]) -> Iterator[Row]:
    """Cells between spaces; names of several words stay whole where only runs of spaces cut them as the rows are."""
    begin = list(itertools.islice(lines, _MOST_ROWS))
    width = _usual_width([line.split() for line in begin])[0]
    for line in itertools.chain(begin, lines):
        cells, apart = line.split(), _RUNS.split(line.strip())
        yield apart if len(cells) != width == len(apart) else cells


def _usual_width(rows: Sequence[Row]) -> tuple[int, int]:
    """How many cells most rows that have any have, and how many these rows are."""
    return (Counter(len(row) for row in rows if row).most_common(1) or [(0, 0)])[0]


def _has_commas_in_numbers(best: str, lines: Sequence[str]) -> bool:
    """Whether commas are what cuts best, and nearly all of them stand between figures."""
    between = sum(len(_INNER_COMMA.findall(line)) for line in lines)
    return best == "," and between >= 0.9 * sum(line.count(",") for line in lines)


def _has_runs_of_spaces(lines: Sequence[str]) -> bool:
    """Whether half of these lines have runs of spaces, equally many cells, and mostly values in them."""
    rows = [line.split() for line in lines if line.strip()]
    n_runs = sum(bool(_RUNS.search(line.strip())) for line in lines)
    width, n = _usual_width(rows)
    cells = [cell for row in [row for row in rows if len(row) == width][-_MOST_ROWS:] for cell in row]
    is_mostly_values = 2 * sum(is_gap(cell) or is_value(cell) for cell in cells) > len(cells)
    return width > 1 and 2 * min(n, n_runs) >= len(rows) and is_mostly_values


def _are_single_numbers(lines: Sequence[str]) -> bool:
    """Whether each line but the name above is one number: it has one comma, and a name without any or zeros tell so."""
    filled = [line for line in lines if line.strip()]
    n = sum(bool(_WITH_COMMA.fullmatch(line)) for line in filled[1:])
    if len(filled) < 3 or n < 0.5 * len(filled[1:]) or any(line.count(",") > 1 for line in filled):
        return False
    return "," not in filled[0] or any(map(_ZERO_FIRST.fullmatch, filled))
