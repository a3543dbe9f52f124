"""How good a forecast was: MASE (Hyndman and Koehler 2006) of its middle, CRPS (Matheson 1976) of its paths.

Shape letters: H steps ahead, N values, P paths.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
N_ORIGINS: Final = 24


@dataclass(frozen=True)
class ForecastScore:
    """Both figures in units of the mean seasonal difference of what was known, so that series can be averaged."""

    mase: float
    crps: float


def seasonal_scale(values: Floats, period: int) -> float:
    """The mean distance of values (N,) from those one period before: what seasonal naive was off by, in sample."""
    differences = np.abs(values[period:] - values[:-period]) if len(values) > period else np.zeros(0)
    return float(differences.mean()) if len(differences) else 0.0


def mase(median: Floats, truth: Floats, scale: float) -> float:
    """The mean absolute error of a forecast (H,) in units of `scale`."""
    return float(np.abs(median - truth).mean()) / scale


def crps(paths: Floats, truth: Floats) -> Floats:
    """(H,) of paths (P, H): how far they lie from the truth, less half of how far they lie from each other.

    The integral of the squared distance between the distribution of the paths and that of the truth, exactly.
    """
    n, ranked = len(paths), np.sort(paths, 0)
    weights = 2 * np.arange(1, n + 1) - n - 1  # the sum over pairs of ranked values, each of them once
    spread = 2 * (weights[:, None] * ranked).sum(0) / n**2
    near: Floats = np.abs(paths - truth).mean(0) - spread / 2
    return near


def scored(paths: Floats, truth: Floats, scale: float) -> ForecastScore:
    """Both figures of paths (P, H) against what came (H,)."""
    return ForecastScore(mase(np.median(paths, 0), truth, scale), float(crps(paths, truth).mean()) / scale)


def mean_score(scores: list[ForecastScore]) -> ForecastScore:
    """The mean of some; not a number where there are none."""
    if not scores:
        return ForecastScore(float("nan"), float("nan"))
    return ForecastScore(
        float(np.mean([one.mase for one in scores])), float(np.mean([one.crps for one in scores]))
    )


def rolling_origins(first: int, end: int, horizon: int, most: int = N_ORIGINS) -> Iterator[int]:
    """At most `most` places from which `horizon` values are forecast, evenly spread, all of them within a stretch."""
    n_places = end - horizon - first + 1
    if n_places > 0:
        yield from sorted({first + round(share * (n_places - 1)) for share in np.linspace(0, 1, min(most, n_places))})
