"""Reads what stands in a cell of a table: numbers as people and programs write them, and words for no value."""

import math
import re
from collections.abc import Sequence
from typing import Final


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
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [sign for sign in (found["sign"], found["sign_behind"], found["last"], found["open"]) if sign]
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
