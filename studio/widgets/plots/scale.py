"""The arithmetic of a plot: axes with round ticks, numbers as text, and curves thinned to the columns of the screen."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.translation import grouped
from studio.widgets.plots.spec import FloatArray, Scale

_ROUND: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LOG_STEPS: Final = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0))
_PADDING: Final = 0.06  # of the range of values, above and below the curves


@dataclass(frozen=True)
class Span:
    """One axis as it is drawn: from `low` to `high`, low < high; a logarithmic one needs low > 0, a root low >= 0."""

    low: float
    high: float
    scale: Scale = "linear"

    def to_view(self, values: FloatArray) -> FloatArray:
        """Values as lengths on the screen, up to a factor."""
        if self.scale == "log":
            return np.log10(np.maximum(values, np.finfo(float).tiny))
        return np.sqrt(np.maximum(values, 0)) if self.scale == "root" else np.asarray(values, float)

    def from_view(self, length: float) -> float:
        """The value that is drawn there."""
        if self.scale == "log":
            return float(10.0**length)
        return float(max(length, 0.0) ** 2) if self.scale == "root" else float(length)

    @property
    def view(self) -> tuple[float, float]:
        """Both ends as lengths on the screen."""
        low, high = self.to_view(np.array([self.low, self.high]))
        return float(low), float(high)

    def ticks(self, n_most: int) -> list[float]:
        """At most `n_most` round numbers on the axis."""
        if self.scale != "log":
            return round_ticks(self.low, self.high, n_most)
        found = [_log_ticks(self.low, self.high, steps) for steps in _LOG_STEPS]
        fitting = [ticks for ticks in found if 2 <= len(ticks) <= n_most]
        return fitting[-1] if fitting else round_ticks(self.low, self.high, n_most)


def value_span(low: float, high: float, scale: Scale) -> Span:
    """An axis with some air around the values from `low` to `high`; logarithmic only where all of them are above 0."""
    if scale == "log" and low > 0:
        air = max(high / low, 1.1) ** _PADDING
        return Span(low / air, high * air, "log")
    if scale == "root" and low >= 0:
        return Span(0.0, (high or 1.0) * (1 + _PADDING), "root")
    air = (high - low) * _PADDING or max(abs(high), 1.0) * _PADDING
    return Span(low - air, high + air)


def round_ticks(low: float, high: float, n_most: int) -> list[float]:
    """At most `n_most` multiples of a round number between `low` and `high`."""
    rough = (high - low) / max(n_most, 1)
    decade = 10.0 ** math.floor(math.log10(rough))
    for factor in _ROUND:
        step = factor * decade
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < n_most:
            return [place * step for place in range(first, last + 1)]
    return []


def _log_ticks(low: float, high: float, steps: tuple[float, ...]) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**decade for decade in decades for step in steps if low <= step * 10.0**decade <= high]


def thinned(ticks: Sequence[tuple[float, str]], least: float) -> list[tuple[float, str]]:
    """Those of (place, text), from the highest down, that lie at least so far from each other."""
    kept: list[tuple[float, str]] = []
    for at, text in sorted(ticks, reverse=True):
        if not kept or kept[-1][0] - at >= least:
            kept.append((at, text))
    return kept


def number_text(value: float) -> str:
    """A number as people read it: "1,200", "0.031", "12.5"."""
    if value == 0 or 1e-4 <= abs(value) < 1e7:
        return grouped(value, ",.0f") if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
    return f"{value:.2g}"


def tick_texts(ticks: Sequence[float]) -> list[str]:
    """Ticks as text; evenly spaced ones have as many decimals as their distance needs."""
    gaps = [after - before for before, after in itertools.pairwise(ticks)]
    is_even = bool(gaps) and max(gaps) - min(gaps) < 1e-6 * max(gaps)
    if not is_even or gaps[0] < 1e-5 or max(map(abs, ticks)) >= 1e7:
        return [number_text(tick) for tick in ticks]
    n_decimals = max(0, 1 - math.floor(math.log10(gaps[0])))
    texts = [grouped(tick, f",.{n_decimals}f") for tick in ticks]
    while n_decimals > 0 and all(text.endswith("0") for text in texts):
        n_decimals -= 1
        texts = [grouped(tick, f",.{n_decimals}f") for tick in ticks]
    return texts


@dataclass(frozen=True, eq=False)
class Envelope:
    """A curve thinned to columns: for each column with values its place, and mean, lowest and highest value; (M,)."""

    columns: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray


def envelope(shares: FloatArray, values: FloatArray, n_columns: int) -> Envelope:
    """Thin a curve (N,), whose `shares` along the axis never fall, to at most `n_columns`.

    A column with one value keeps its exact place; one with several has the middle of theirs.
    """
    if len(values) == 0:
        return Envelope(values, values, values, values)
    column = np.floor(shares * (n_columns - 1))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(column)) + 1])  # (M,)
    counts = np.diff(np.concatenate([starts, [len(values)]]))
    return Envelope(
        np.add.reduceat(shares, starts) / counts,
        np.add.reduceat(values, starts) / counts,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
    )
