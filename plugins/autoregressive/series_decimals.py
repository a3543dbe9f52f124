"""Whether commas or points stand before the decimals of a table, decided once for all its columns of numbers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from studio.core.text import N_

from .series_cells import spread

_FIGURES: Final = re.compile(r"(?<![\d.,])[\d.,]*\d")
_SPACES: Final = re.compile(r"(?<=\d)['’ʼ\s](?=\d{3})")
_MOST_LOOKED_AT: Final = 5000
GERMAN_SEPARATORS: Final = (";", "\t")
"""What stands between cells where commas are needed for decimals."""


@dataclass(frozen=True)
class Signs:
    """What cells say of commas and points.

    Attributes:
        commas, points: how many cells have this before their decimals and can mean nothing else.
        open_commas, open_points: how many have one that may as well be between thousands, as in 1,234 and 1.234.
        n_whole: how many have neither.
    """

    commas: int = 0
    points: int = 0
    open_commas: int = 0
    open_points: int = 0
    n_whole: int = 0

    @property
    def has_marks(self) -> bool:
        """Whether there is any comma or point."""
        return bool(self.commas or self.points or self.open_commas or self.open_points)

    def __add__(self, other: "Signs") -> "Signs":
        return Signs(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Decimals:
    """Whether commas are before the decimals, and a sentence where that is not plain, else ""."""

    has_comma: bool
    note: str = ""


def signs_in(cells: Sequence[str]) -> Signs:
    """What cells say of commas and points; where thousands of them have one, some of those from first to last."""
    marked = [cell for cell in cells if "," in cell or "." in cell]
    plain = [cell for cell in cells if "," not in cell and "." not in cell] if len(marked) < len(cells) else []
    kinds = Counter(map(_kind, [*spread(marked, _MOST_LOOKED_AT), *spread(plain, _MOST_LOOKED_AT)]))
    return Signs(*(kinds[one.name] for one in fields(Signs)))


def _kind(cell: str) -> str:
    """Which of the counts of `Signs` a cell belongs to; "" where it has no figures."""
    found = _FIGURES.search(_SPACES.sub("", cell))
    if found is None:
        return ""
    figures = found[0]
    n_commas, n_points = figures.count(","), figures.count(".")
    if n_commas and n_points:
        return "commas" if figures.rfind(",") > figures.rfind(".") else "points"
    if n_commas + n_points != 1:
        return "points" if n_commas else "commas" if n_points else "n_whole"  # 1,234,567 leaves points for decimals
    whole, _, decimals = figures.replace(",", ".").partition(".")
    is_open = len(decimals) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    kind = "commas" if n_commas else "points"
    return f"open_{kind}" if is_open else kind


def decimals_of(own: Signs, all_: Signs, separator: str, has_pointed_dates: bool) -> Decimals:
    """How a column is read that says `own` in a table of which all say `all_`, with `separator` between its cells.

    What can mean but one thing decides, first in the column itself. Where nothing does, a comma is before decimals in a
    table that is not separated by commas; a point in such a table is between thousands beside whole numbers, or where
    dates are written with points.
    """
    for signs in (own, all_):
        if signs.commas != signs.points:
            return Decimals(True, _COMMAS) if signs.commas > signs.points else Decimals(False)
    is_german = separator in GERMAN_SEPARATORS
    if all_.open_commas:
        return Decimals(True, _COMMAS) if is_german else Decimals(False, "" if all_.n_whole else _THOUSANDS)
    if all_.open_points and is_german:
        is_thousands = bool(all_.n_whole) or has_pointed_dates
        return Decimals(True, _POINTS) if is_thousands else Decimals(False, _DECIMAL_POINTS)
    return Decimals(False)


_COMMAS: Final = N_("Commas were read as decimal points.")
_THOUSANDS: Final = N_("Commas were taken to stand between thousands.")
_POINTS: Final = N_("Points were taken to stand between thousands.")
_DECIMAL_POINTS: Final = N_("Points were taken to stand before decimals.")
