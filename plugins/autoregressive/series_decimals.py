"""Whether commas or points stand before the decimals of a table, decided once for all its columns of numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from studio.core.text import N_

_FIGURES: Final = re.compile(r"(?<![\d.,])[\d.,]*\d")
_SPACES: Final = re.compile(r"(?<=\d)['’ʼ\s](?=\d{3})")
GERMAN_SEPARATORS: Final = (";", "\t")
"""What stands between cells where commas are needed for decimals."""


@dataclass
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
        return Signs(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Decimals:
    """Whether commas are before the decimals, and a sentence where that is not plain, else ""."""

    has_comma: bool
    note: str = ""


def signs_in(cells: Iterable[str]) -> Signs:
    """What cells, of which each is looked at, say of commas and points."""
    signs = Signs()
    for cell in cells:
        found = _FIGURES.search(_SPACES.sub("", cell))
        kind = _kind(found[0]) if found else ""
        if kind:
            setattr(signs, kind, getattr(signs, kind) + 1)
    return signs


def _kind(figures: str) -> str:
    """Which of the counts of `Signs` some figures belong to."""
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


def has_decimal_commas(cells: Sequence[str], separator: str = ",") -> bool:
    """Whether commas are before the decimals in a table of one column."""
    signs = signs_in(cells)
    return decimals_of(signs, signs, separator, False).has_comma


_COMMAS: Final = N_("Commas were read as decimal points.")
_THOUSANDS: Final = N_("Commas were taken to stand between thousands.")
_POINTS: Final = N_("Points were taken to stand between thousands.")
_DECIMAL_POINTS: Final = N_("Points were taken to stand before decimals.")
