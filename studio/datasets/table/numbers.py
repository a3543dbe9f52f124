"""Reads numbers as people and programs write them: cells, marks before decimals, whole columns, values for none."""

import math
import re
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import printable
from studio.core.translation import N_, plural
from studio.datasets.table.line import LARGEST

_FIGURES: Final = re.compile(r"(?<![\d.,])[\d.,]*\d")
_SPACES: Final = re.compile(r"(?<=\d)['’ʼ\s](?=\d{3})")
_MOST_LOOKED_AT: Final = 5000
GERMAN_SEPARATORS: Final = (";", "\t")
"""What stands between cells where commas are needed for decimals."""
Floats = npt.NDArray[np.float64]
_NINES: Final = np.array([-9.99, *(0.1**decimals - 10.0**whole for whole in range(2, 8) for decimals in range(4))])
_EXACT: Final = 2e-7
"""Values of 32 bits differ from nines by so much of their size."""
_PLAIN: Final = {False: re.compile(r"-?\d+(?:\.\d+)?"), True: re.compile(r"-?\d+(?:,\d+)?")}
_SCALES: Final = {"": 1.0, "K": 1e3, "k": 1e3, "M": 1e6, "Mio": 1e6, "Mio.": 1e6, "B": 1e9, "Mrd": 1e9, "Mrd.": 1e9}
_SHARE: Final = 0.7
_MOST_SHOWN: Final = 20


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GAP_WORDS: Final = _words(
    "- -- --- ---- – — ? . .. ... : * ** *** **** ***** na n/a n.a. n.a nan null none nil nd n.d. n/d k.a. k.a missing "
    "nat <na> #n/a #n/v #na #div/0! #value! #wert! #ref! #bezug! #num! #zahl! #null! #name?"
)
AT_ONCE: Final = 5000
"""So many cells are read between two yields, in some hundredths of a second."""
_TRUTH: Final = {"true": 1.0, "false": 0.0}
_CODES: Final = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR INR JPY KRW MXN NOK NZD PLN RMB RUB SEK SGD THB TRY TWD USD ZAR"
)
_CURRENCY: Final = rf"(?:[A-Z]{{0,3}}[$€£¥₹₽₩₺₴฿₫]|{'|'.join(_CODES.split())}|R\$|Fr\.|kr|zł)"
_UNIT: Final = r"(?:%|‰|[^\W\d_]|[€$£¥₹₽₩₺₴฿₫°µ])[^\s\d.,;:!?()+'_<>=|\"-]{0,9}[23.]?"
_SHAPE: Final = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<currency>{_CURRENCY})?\s*(?P<sign_behind>[+-])?\s*"
    rf"(?P<inner>\()?\s*"
    rf"(?P<figures>\d(?:[\d.,'\s]*[\d.,])?|[.,]\d+)(?P<power>[eE][+-]?\d+)?\s*(?P<unit>{_UNIT})?(?P<last>\s?-)?\s*"
    r"(?P<close>\))?"
)
_WITH_POINT: Final = re.compile(r"(?:\d{1,3}(?:[,'\s]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d*)(?:\.\d*)?")  # 1,23,456 too
_WITH_COMMA: Final = re.compile(r"(?:\d{1,3}(?:[.'\s]\d{3})+|\d*)(?:,\d*)?")
_BETWEEN_THOUSANDS: Final = {False: re.compile(r"[,'\s]"), True: re.compile(r"[.'\s]")}
MARKS: Final = "*#"
"""May stand behind a number, for what is said of it elsewhere."""
_ALIKE: Final = str.maketrans("−–’ʼ`´", "--''''")


def is_gap(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    cell = cell.strip()
    return not cell or (len(cell) < 12 and cell.lower() in _GAP_WORDS)


def some_known(cells: Sequence[str], n: int) -> list[str]:
    """At most so many of the cells that are no gaps, without spaces around them, from the first to the last of them."""
    few = [cell.strip() for cell in spread(cells, 4 * n) if not is_gap(cell)]
    if len(few) < min(n, len(cells)):
        few = [cell.strip() for cell in cells if not is_gap(cell)]
    return list(spread(few, n))


def spread(cells: Sequence[str], n: int) -> Sequence[str]:
    """At most so many of the cells, from the first to the last."""
    if len(cells) <= n:
        return cells
    return [cells[place * (len(cells) - 1) // (n - 1)] for place in range(n)]


def number(cell: str, has_comma: bool) -> float | None:
    """The number in a cell, or None; `has_comma`: a comma is before the decimals, points stand between thousands.

    Between thousands may also stand a space of any kind or an apostrophe. A minus may stand on either side, brackets
    mean one too; a currency or a unit is passed over, as are the marks * and # at the end.
    """
    found = measured(cell, has_comma)
    return found and found[0]


def measured(cell: str, has_comma: bool) -> tuple[float, str] | None:
    """The number in a cell, finite, and its currency or unit, "" where there is none; None where it is no number."""
    text = cell.strip().rstrip(MARKS).rstrip().translate(_ALIKE)
    if text.lower() in _TRUTH:
        return _TRUTH[text.lower()], ""
    found = _SHAPE.fullmatch(text)
    if found is None or bool(found["open"] or found["inner"]) != bool(found["close"]):
        return None
    marks = ("sign", "sign_behind", "last", "open", "inner")
    signs = [found[mark] for mark in marks if found[mark]]
    size = _size(found["figures"], found["power"] or "", has_comma)
    if size is None or len(signs) > 1:
        return None
    is_negative = bool(signs) and signs[0] != "+"
    return (-size if is_negative else size), found["currency"] or found["unit"] or ""


def _size(figures: str, power: str, has_comma: bool) -> float | None:
    if not (_WITH_COMMA if has_comma else _WITH_POINT).fullmatch(figures):
        return None
    plain = _BETWEEN_THOUSANDS[has_comma].sub("", figures)
    value = float((plain.replace(",", ".") if has_comma else plain) + power)
    return value if math.isfinite(value) else None


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
_THOUSANDS: Final = N_("Commas were read as thousands separators.")
_POINTS: Final = N_("Points were read as thousands separators.")
_DECIMAL_POINTS: Final = N_("Points were read as decimal points.")


def missing_nines(values: Floats) -> npt.NDArray[np.int64]:
    """The places in values (N,) of those that are only nines, and further below the rest than that reaches.

    The rest is not of their size itself, or a column of angles about -90 would lose some.
    """
    low = np.unique(values[values <= _NINES.max()])
    nines = low[(np.abs(low[:, None] - _NINES) <= _EXACT * np.abs(_NINES)).any(1)]
    is_nines = np.isin(values, nines)
    rest = values[np.isfinite(values) & ~is_nines]
    if not len(nines) or not len(rest):
        return np.flatnonzero(is_nines)
    is_far = (rest.min() - values > np.ptp(rest)) & (rest.min() > values / 2)
    return np.flatnonzero(is_nines & is_far)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column, read.

    Attributes:
        values: (N,), not a number where a cell is a gap or was not understood.
        is_number: whether most cells that are no gaps are numbers.
        strange: the rows of cells that are neither gap nor number. large: those of numbers beyond what can be forecast.
        nines: those of numbers such as -999, which say that a value is missing. marked: those with a mark behind them.
        cells: as they stand in the table.
    """

    values: Floats
    is_number: bool
    strange: npt.NDArray[np.int64]
    large: npt.NDArray[np.int64]
    nines: npt.NDArray[np.int64]
    marked: npt.NDArray[np.int64]
    cells: Sequence[str]

    def notes(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """Sentences on the cells in some rows that give no value."""
        strange = (
            N_("{n} cell, “{text}”, could not be read as a number."),
            N_("{n} cells such as “{text}” could not be read as numbers."),
        )
        large = (N_("{n} number was too large and was left out."), N_("{n} numbers were too large and were left out."))
        nines = (N_("{n} value of {text} was treated as missing."), N_("{n} values of {text} were treated as missing."))
        marks = (
            N_("The sign after {n} number, “{text}”, was dropped."),
            N_("The signs after {n} numbers, such as “{text}”, were dropped."),
        )
        found = [
            (within(rows, self.strange), strange),
            (within(rows, self.large), large),
            (within(rows, self.nines), nines),
            (within(rows, self.marked), marks),
        ]
        return [self._said(*forms, places) for places, forms in found if len(places)]

    def _said(self, one: str, more: str, rows: npt.NDArray[np.int64]) -> str:
        example = printable(self.cells[int(rows[0])].strip())[:_MOST_SHOWN]
        return plural(one, more, len(rows)).replace("{text}", example)


def within(rows: npt.NDArray[np.int64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Which of the places, in order, are among some rows."""
    return places[np.isin(places, rows)] if len(places) else places


def reading_numbers(cells: Sequence[str], has_comma: bool) -> Generator[None, None, Numbers]:
    """The numbers in a column of cells; `has_comma`: a comma is before their decimals. Yields often."""
    values, strange, marked = np.full(len(cells), np.nan), [], []
    units: dict[int, str] = {}
    plain = _PLAIN[has_comma].fullmatch
    for row, cell in enumerate(cells):
        if plain(cell):
            values[row] = float(cell.replace(",", "."))
        elif found := measured(cell, has_comma):
            values[row], units[row] = found
            if cell.rstrip()[-1] in MARKS:
                marked.append(row)
        elif not is_gap(cell):
            strange.append(row)
        if row % AT_ONCE == AT_ONCE - 1:
            yield
    strange += _of_one_unit(values, units)
    large, nines = np.flatnonzero(np.abs(values) >= LARGEST), missing_nines(values)
    values[nines] = np.nan
    n_known = int(np.isfinite(values).sum())
    values[large] = np.nan
    is_number = n_known >= 2 and n_known >= _SHARE * (n_known + len(strange))
    wrong, dropped = (np.array(sorted(rows), np.int64) for rows in (strange, marked))
    return Numbers(values, is_number, wrong, large, nines, dropped, cells)


def _of_one_unit(values: Floats, units: dict[int, str]) -> list[int]:
    """Bring values to the unit that most have; returns the rows where that is not possible, and empties them."""
    counts = Counter(unit for unit in units.values() if unit)
    if not counts:
        return []
    n_bare = int(np.isfinite(values).sum()) - counts.total()
    if set(counts) <= set(_SCALES) and (len(counts) > 1 or n_bare):
        for row, unit in units.items():
            values[row] *= _SCALES[unit]
        return []
    most = counts.most_common(1)[0][0]
    strange = [row for row, unit in units.items() if unit not in ("", most)]
    if most == "%" and n_bare:
        bare = [row for row in np.flatnonzero(values).tolist() if not units.get(row) and np.isfinite(values[row])]
        strange += bare if n_bare <= counts["%"] else [row for row, unit in units.items() if unit == "%"]
    values[strange] = np.nan
    return strange
