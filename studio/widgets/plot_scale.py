"""The arithmetic of a plot: axes with round ticks, numbers as text, and curves thinned to the columns of the screen."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

_ROUND: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LOG_STEPS: Final = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0))
_PADDING: Final = 0.06  # of the range of values, above and below the curves


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, low < high; a logarithmic one needs low > 0."""

    low: float
    high: float
    is_log: bool = False

    def shares(self, values: FloatArray) -> FloatArray:
        """Where `values` lie: 0 at the low end, 1 at the high end."""
        if not self.is_log:
            return (values - self.low) / (self.high - self.low)
        span = math.log(self.high / self.low)
        return np.log(np.maximum(values, np.finfo(float).tiny) / self.low) / span

    def share(self, value: float) -> float:
        """Where `value` lies."""
        return float(self.shares(np.asarray([value], float))[0])

    def value_at(self, share: float) -> float:
        """The value that lies at `share`."""
        if not self.is_log:
            return self.low + share * (self.high - self.low)
        return float(self.low * (self.high / self.low) ** share)

    def ticks(self, n_most: int) -> list[float]:
        """At most `n_most` round numbers on the axis."""
        if not self.is_log:
            return round_ticks(self.low, self.high, n_most)
        found = [_log_ticks(self.low, self.high, steps) for steps in _LOG_STEPS]
        fitting = [ticks for ticks in found if 2 <= len(ticks) <= n_most]
        return fitting[-1] if fitting else round_ticks(self.low, self.high, n_most)


def value_axis(low: float, high: float, is_log: bool) -> Axis:
    """An axis with some air around the values from `low` to `high`; logarithmic only where all of them are above 0."""
    if is_log and low > 0:
        span = max(high / low, 1.1) ** _PADDING
        return Axis(low / span, high * span, is_log=True)
    span = (high - low) * _PADDING or max(abs(high), 1.0) * _PADDING
    return Axis(low - span, high + span)


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


def number_text(value: float) -> str:
    """A number as people read it: "1,200", "0.031", "12.5"."""
    if value == 0 or 1e-4 <= abs(value) < 1e7:
        return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
    return f"{value:.2g}"


def tick_texts(ticks: Sequence[float]) -> list[str]:
    """Ticks as text; evenly spaced ones have as many decimals as their distance needs."""
    gaps = [after - before for before, after in itertools.pairwise(ticks)]
    is_even = bool(gaps) and max(gaps) - min(gaps) < 1e-6 * max(gaps)
    if not is_even or gaps[0] < 1e-5 or max(map(abs, ticks)) >= 1e7:
        return [number_text(tick) for tick in ticks]
    n_decimals = max(0, 1 - math.floor(math.log10(gaps[0])))
    texts = [f"{tick:,.{n_decimals}f}" for tick in ticks]
    while n_decimals > 0 and all(text.endswith("0") for text in texts):
        n_decimals -= 1
        texts = [f"{tick:,.{n_decimals}f}" for tick in ticks]
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
    column = np.floor(np.clip(shares, 0, 1) * (n_columns - 1))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(column)) + 1])  # (M,)
    counts = np.diff(np.concatenate([starts, [len(values)]]))
    return Envelope(
        np.add.reduceat(shares, starts) / counts,
        np.add.reduceat(values, starts) / counts,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
    )


@dataclass(frozen=True, eq=False)
class Curve:
    """`values` float64 (N,) over `x` (N,), which never falls; what is not finite is left out."""

    name: str
    x: FloatArray
    values: FloatArray

    def finite(self) -> "Curve":
        """The same without what cannot be drawn."""
        kept = np.isfinite(self.values) & np.isfinite(self.x)
        return self if kept.all() else Curve(self.name, self.x[kept], self.values[kept])

    def value_at(self, x: float) -> float:
        """The value of the last point that is not right of `x`, or the first one."""
        return float(self.values[max(int(np.searchsorted(self.x, x, side="right")) - 1, 0)])


def nearest_x(curves: Sequence[Curve], x: float) -> float:
    """The place of a value next to `x`; one of the curves has at least one point."""
    near: list[float] = []
    for curve in curves:
        place = int(np.searchsorted(curve.x, x))
        near += [float(value) for value in curve.x[max(place - 1, 0) : place + 1]]
    return min(near, key=lambda found: abs(found - x))
