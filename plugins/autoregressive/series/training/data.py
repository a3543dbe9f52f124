"""What the forecaster learns from: windows of true series, and of series made up so that it meets all kinds of them.

What a network learns from them holds for series that it has never seen (compare KernelSynth, arXiv 2403.07815).

Shape letters: B windows, N values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from studio.core.seed import generator

from ..model.config import Floats, ForecastConfig, Season
from ..model.forecaster import KnownSeries, WindowBatch, laid_out

PERIODS: Final = (1, 4, 5, 7, 7, 10, 11, 12, 12, 12, 24, 24, 48, 52)
_N_HARMONICS: Final = 6
_WEEK: Final = 7
N_AHEAD: Final = 48
_LEAST_KNOWN: Final = 3
"""Seasons that are known at least before a window is learnt from."""
_UPSIDE_DOWN: Final = 0.15


def made_up(chance: np.random.Generator, n_most: int) -> tuple[Floats, Season]:
    """Values of some length up to `n_most`, and after how many they come round."""
    period = int(chance.choice(PERIODS))
    n = int(chance.integers(min(3 * period + 60, n_most), n_most + 1))
    has_week = period in (24, 48) and chance.random() < 0.6
    time = np.arange(n, dtype=np.float64)
    seasonal = _season(chance, time, period) * _shaped(chance, n)
    if has_week:
        seasonal *= _week(chance, time, period)
    parts = (_trend(chance, n), _wandering(chance, n), _noise(chance, n), _cycle(chance, n, period))
    values = np.asarray(seasonal + np.sum(parts, 0))
    if chance.random() < 0.25:
        values = np.exp(0.25 * values / max(values.std(), 1e-6))  # what grows in proportion
    return values, Season(period, _WEEK * period if has_week else 0)


def _season(chance: np.random.Generator, time: Floats, period: int) -> Floats:
    if period == 1:
        return np.zeros_like(time)
    jitter = 1 + 0.12 * chance.random() * _smooth(chance, len(time)) if chance.random() < 0.25 else 1.0
    phase = 2 * np.pi * np.cumsum(np.full_like(time, 1.0) * jitter) / period
    wave = np.zeros_like(time)
    for number in range(1, min(_N_HARMONICS, period // 2) + 1):
        wave += chance.normal() / number ** chance.uniform(0.7, 2) * np.sin(number * phase + chance.uniform(0, 7))
    return wave


def _shaped(chance: np.random.Generator, n: int) -> Floats:
    """How large the season is, which may change slowly."""
    if chance.random() < 0.5:
        return np.ones(n)
    return np.exp(chance.uniform(0.1, 0.5) * _smooth(chance, n))


def _week(chance: np.random.Generator, time: Floats, period: int) -> Floats:
    days = np.floor(time / period).astype(int) % _WEEK
    heights = np.where(np.arange(_WEEK) < 5, 1.0, chance.uniform(0.4, 0.95)) + 0.05 * chance.normal(size=_WEEK)
    return np.asarray(np.roll(heights, chance.integers(_WEEK))[days], np.float64)


def _trend(chance: np.random.Generator, n: int) -> Floats:
    if chance.random() < 0.4:
        return np.zeros(n)
    bends = np.sort(chance.integers(0, n, int(chance.integers(0, 3))))
    slopes = chance.normal(size=len(bends) + 1) * 10 ** chance.uniform(-3, -1)
    return np.cumsum(slopes[np.searchsorted(bends, np.arange(n), side="right")])


def _wandering(chance: np.random.Generator, n: int) -> Floats:
    if chance.random() < 0.4:
        return np.zeros(n)
    return np.cumsum(chance.normal(size=n)) * 10 ** chance.uniform(-2.3, -0.5)


def _noise(chance: np.random.Generator, n: int) -> Floats:
    """Noise that is more or less alike from one value to the next, with a few values far off."""
    size, alike = 10 ** chance.uniform(-2.5, -0.1), chance.choice([0.0, chance.uniform(0, 0.98)])
    shocks = chance.standard_t(5, size=n) * size * np.sqrt(1 - alike**2)
    noise, last = np.empty(n), 0.0
    for place in range(n):
        last = alike * last + shocks[place]
        noise[place] = last
    return noise


def _cycle(chance: np.random.Generator, n: int, period: int) -> Floats:
    """What goes up and down about once in a period, but now sooner and now later (an AR(2) process)."""
    if period < 4 or chance.random() < 0.65:
        return np.zeros(n)
    kept, turn = chance.uniform(0.9, 0.995), 2 * np.pi / (period * chance.uniform(0.85, 1.15))
    shocks = chance.normal(size=n) * chance.uniform(0.3, 3) * (1 - kept)
    values, last, before = np.empty(n), float(chance.normal()), float(chance.normal())
    for place in range(n):
        last, before = 2 * kept * np.cos(turn) * last - kept**2 * before + shocks[place], last
        values[place] = last
    return values / max(float(values.std()), 0.2) * chance.uniform(0.3, 2)


def _smooth(chance: np.random.Generator, n: int) -> Floats:
    """A slow curve of standard deviation 1 or so."""
    knots = chance.normal(size=2 + n // 80)
    return np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots)


@dataclass(frozen=True, eq=False)
class Windows:
    """Draws windows by number: the same seed and number give the same ones, whatever came before.

    Attributes:
        series: all that is learnt from; a long one is drawn more often, by the root of its length.
        n_true, n_made_up: windows in a batch.
    """

    series: Sequence[KnownSeries]
    config: ForecastConfig
    n_true: int
    n_made_up: int
    seed: int
    device: torch.device

    def draw(self, step: int, micro: int) -> WindowBatch:
        """A batch of both kinds."""
        chance = generator(self.seed, "windows", step, micro)
        true = [self._cut(chance) for _ in range(self.n_true)]
        others = [made_up(chance, self.config.n_known + N_AHEAD) for _ in range(self.n_made_up)]
        windows = [*true, *(KnownSeries(values, season) for values, season in others)]
        return laid_out(windows, self.config, N_AHEAD).to(self.device)

    def _cut(self, chance: np.random.Generator) -> KnownSeries:
        """A stretch of a true series that ends anywhere, now and then upside down."""
        roots = np.sqrt([len(one.values) for one in self.series])
        one = self.series[chance.choice(len(self.series), p=roots / roots.sum())]
        n = len(one.values)
        first = min(_LEAST_KNOWN * one.season.period + N_AHEAD, n)
        end = int(chance.integers(first, n + 1))
        values = one.values[:end]
        return KnownSeries(-values if chance.random() < _UPSIDE_DOWN else values, one.season)
