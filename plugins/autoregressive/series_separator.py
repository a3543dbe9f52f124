"""Finds what stands between the cells of a table."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

NONE: Final = "\x1f"
"""Stands in no table: all of a line is one cell."""
_SEPARATORS: Final = (",", ";", "\t", "|")
_WITH_COMMA: Final = re.compile(r"\s*[+-]?[\d.]+,\d+\s*")
_ZERO_FIRST: Final = re.compile(r".*,0\d+\s*")


def separator_of(lines: Sequence[str]) -> str:
    """What cuts most of these lines into equally many cells, and at least two; `NONE` where commas are in numbers."""

    def fits(separator: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        width, n = max(counts.items(), key=lambda one: (one[0] > 1, one[1])) if counts else (1, 0)
        return (n if width > 1 else 0), width

    best = max(_SEPARATORS, key=fits)
    if best == "," and fits(";")[0] >= 0.9 * max(len(lines) - 3, 1):
        return ";"
    return NONE if best == "," and _are_single_numbers(lines) else best


def _are_single_numbers(lines: Sequence[str]) -> bool:
    """Whether each line but the name above is one number: it has one comma, and a name without any or zeros tell so."""
    filled = [line for line in lines if line.strip()]
    n = sum(bool(_WITH_COMMA.fullmatch(line)) for line in filled[1:])
    if len(filled) < 3 or n < 0.5 * len(filled[1:]) or any(line.count(",") > 1 for line in filled):
        return False
    return "," not in filled[0] or any(map(_ZERO_FIRST.fullmatch, filled))
