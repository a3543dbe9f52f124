"""How noisy x is at each time of a training, and at which times a run looks at it: falling to the clean end.

Ho et al. 2020 (arXiv 2006.11239): linear betas; Nichol and Dhariwal 2021 (arXiv 2102.09672): cosine; Karras et al. 2022
(arXiv 2206.00364): times even in sigma^(1/7); Lin et al. 2023 (arXiv 2305.08891): even in time, from the very last time
on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ..params import SamplerName, Spacing
from .flow_time import flow_times, level_of, share_of, time_of

Kind: TypeAlias = Literal["linear", "scaled_linear", "cosine", "flow"]
ForeignSpacing: TypeAlias = Literal["leading", "trailing", "strided", "linspace", "distilled", "flow", "even_flow"]
Array: TypeAlias = npt.NDArray[np.float64]
CLEAN_TIME = -1.0
RHO = 7.0
MAX_RATIO = 80.0
"""sigma / alpha where Karras starts; what lies above holds nothing that could be seen."""
WHOLE_TIMES: Final[tuple[SamplerName, ...]] = ("ddim", "ddpm", "lcm")
"""The samplers that ask a network of other people only at times of its training."""
MIN_SHARE = 0.25
"""A step that is shorter than this share of the next one is not taken."""


@dataclass(frozen=True)
class StepLayout:
    """Where the even steps of a run lie for a model of other people (table 2 of Lin et al. 2023, arXiv 2305.08891).

    Attributes:
        spacing: "leading" counts whole strides up from `offset`, "trailing" down from the last time, "strided"
            whole ones; "linspace" reaches both ends; "distilled" takes some of the `n_taught` times at which a
            few-step model has learnt; "flow" and "even_flow" are even in the share of noise, moved by `shift`
            (`flow_time`).
        ends_noisy: whether a run ends at time 0 of the training instead of at the clean end.
    """

    spacing: ForeignSpacing
    offset: int = 0
    ends_noisy: bool = False
    n_taught: int = 0
    shift: float = 1.0


@dataclass(frozen=True)
class NoiseSchedule:
    """Variance preserving noise over `n_times` steps of training.

    Attributes:
        kind: of the betas: linear from `beta_start` to `beta_end`, linear in their roots (Rombach 2022), or the cosine
            of Nichol and Dhariwal, which needs no ends. Or "flow": the share of noise rises evenly along the straight
            lines from a clean x to noise (`flow_time`).
        table: alpha² at each time as a model of other people has it, which goes before `kind`; empty for our own.
        layout: where that model's even steps lie; None for our own.
    """

    kind: Kind = "cosine"
    n_times: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    table: tuple[float, ...] = ()
    layout: StepLayout | None = None

    @cached_property
    def alphas_cumprod(self) -> npt.NDArray[np.float64]:
        """(n_times,) alpha² at each time, falling."""
        if self.table:
            return np.array(self.table)
        if self.kind == "flow":
            return np.array([level_of(share_of(time, self.n_times))[0] ** 2 for time in range(self.n_times)])
        if self.kind == "cosine":
            at = np.arange(self.n_times + 1) / self.n_times
            curve = np.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2
            betas = np.minimum(1 - curve[1:] / curve[:-1], 0.999)
        elif self.kind == "linear":
            betas = np.linspace(self.beta_start, self.beta_end, self.n_times)
        else:
            betas = np.linspace(self.beta_start**0.5, self.beta_end**0.5, self.n_times) ** 2
        return np.cumprod(1 - betas)

    def alpha_sigma(self, time: float) -> tuple[float, float]:
        """alpha and sigma at a time, also between two steps of the training: linear in the log of signal to noise.

        Where there is a table it is linear in sigma / alpha, since the samplers of its model take it so.
        """
        if self.kind == "flow":
            return level_of(share_of(time, self.n_times))
        if self.table:
            ratio = float(np.interp(time, np.arange(self.n_times), self._ratio))
            alpha = 1 / math.sqrt(1 + ratio**2)
            return alpha, ratio * alpha
        log_snr = float(np.interp(time, np.arange(self.n_times), self._log_snr))
        squared = 1 / (1 + math.exp(-log_snr))
        return math.sqrt(squared), math.sqrt(1 - squared)

    @cached_property
    def _ratio(self) -> npt.NDArray[np.float64]:
        return np.sqrt(1 / self.alphas_cumprod - 1)

    @cached_property
    def _log_snr(self) -> npt.NDArray[np.float64]:
        curve = self.alphas_cumprod
        return np.log(curve) - np.log1p(-curve)


@dataclass(frozen=True, eq=False)
class TimeGrid:
    """The levels of a run of n steps.

    Attributes:
        schedule: what alpha and sigma are at a time.
        times: (n + 1,), falling; a network is asked at the first n of them. The last is CLEAN_TIME, where nothing of
            the noise is left, or for some models of other people time 0.
    """

    schedule: NoiseSchedule
    times: Array

    @property
    def n_steps(self) -> int:
        """How many steps lie between the levels."""
        return len(self.times) - 1

    @cached_property
    def levels(self) -> tuple[tuple[float, float], ...]:
        """alpha and sigma of each of the n + 1 times."""
        return tuple(level_at(self.schedule, float(time)) for time in self.times)

    def log_ratio(self, k: int) -> float:
        """Return log(alpha / sigma) of level k; infinite at the clean end."""
        alpha, sigma = self.levels[k]
        return math.log(alpha / sigma) if sigma > 0 else math.inf


def level_at(schedule: NoiseSchedule, time: float) -> tuple[float, float]:
    """Return alpha and sigma at a time; those of the clean end below 0."""
    return schedule.alpha_sigma(time) if time >= 0 else (1.0, 0.0)


def lay_grid(
    schedule: NoiseSchedule, n_steps: int, spacing: Spacing = "even", sampler: SamplerName = "ddim"
) -> TimeGrid:
    """Lay n steps over the whole schedule; even ones of a model of other people where `sampler` has them there."""
    if spacing == "even" and schedule.layout is not None:
        times = foreign_times(schedule.n_times, n_steps, schedule.layout, sampler in WHOLE_TIMES)
        return grid_of_times(schedule, times, 0.0 if schedule.layout.ends_noisy else CLEAN_TIME)
    return TimeGrid(schedule, np.append(_WAYS[spacing](schedule, n_steps), CLEAN_TIME))


def _even(schedule: NoiseSchedule, n_steps: int) -> Array:
    top = schedule.n_times - 1
    return np.linspace(top, max(schedule.n_times / n_steps - 1, 0), n_steps) if n_steps > 1 else np.array([top * 1.0])


def _cosine(schedule: NoiseSchedule, n_steps: int) -> Array:
    return (schedule.n_times - 1) * (1 + np.cos(np.pi * np.arange(n_steps) / n_steps)) / 2


def _karras(schedule: NoiseSchedule, n_steps: int) -> Array:
    high, low = min(_ratio(schedule, schedule.n_times - 1), MAX_RATIO), _ratio(schedule, 0)
    along = np.arange(n_steps) / max(n_steps - 1, 1)
    ratios = (high ** (1 / RHO) + along * (low ** (1 / RHO) - high ** (1 / RHO))) ** RHO
    return times_of_ratios(schedule, ratios)


_WAYS = {"even": _even, "karras": _karras, "cosine": _cosine}


def _ratio(schedule: NoiseSchedule, time: float) -> float:
    alpha, sigma = schedule.alpha_sigma(time)
    return sigma / alpha


def times_of_ratios(schedule: NoiseSchedule, ratios: Array) -> Array:
    """Return the times at which sigma / alpha has these values, (N,), between two steps of the training too."""
    if schedule.kind == "flow":
        return np.clip(time_of(ratios / (1 + ratios), schedule.n_times), 0, schedule.n_times - 1)
    curve = schedule.alphas_cumprod
    rising = np.log1p(-curve) - np.log(curve)  # log(sigma² / alpha²), (n_times,)
    return np.interp(2 * np.log(ratios), rising, np.arange(schedule.n_times))


def foreign_times(n_times: int, n_steps: int, layout: StepLayout, is_whole: bool) -> Array:
    """Return the times (n,) at which the scheduler of a diffusers folder asks its network (its `timestep_spacing`).

    Times between two steps of the training are rounded where `is_whole`, as that library does for some samplers.
    More steps than the training had are laid between its own.
    """
    if layout.spacing in ("flow", "even_flow"):
        return flow_times(n_times, n_steps, layout.shift, layout.spacing == "even_flow")
    if layout.spacing == "distilled":
        taught = np.arange(layout.n_taught, 0, -1) * (n_times // layout.n_taught) - 1.0
        if n_steps > layout.n_taught:
            return np.linspace(taught[0], taught[-1], n_steps)
        return taught[np.linspace(0, layout.n_taught, n_steps, endpoint=False).astype(int)]
    if n_steps == 1:  # where theirs would begin at the clean end
        return np.array([n_times - 1.0])
    if layout.spacing == "linspace" or n_steps > n_times:
        exact: Array = np.linspace(0, n_times - 1, n_steps)[::-1]
        return np.round(exact) if is_whole and n_steps <= n_times else exact
    if layout.spacing == "leading":
        times = np.arange(n_steps)[::-1] * (n_times // n_steps) + float(layout.offset)
    elif layout.spacing == "strided":
        times = n_times - 1.0 - np.arange(n_steps) * (n_times // n_steps)
    else:
        times = np.round(n_times - np.arange(n_steps) * n_times / n_steps) - 1.0
    return np.clip(times, 0.0, n_times - 1.0)


def grid_of_times(schedule: NoiseSchedule, times: Sequence[float] | Array, end: float = CLEAN_TIME) -> TimeGrid:
    """Return the grid that asks at `times` (n,) and ends at `end`: CLEAN_TIME, or 0 where a model stops there."""
    return TimeGrid(schedule, np.append(np.asarray(times, np.float64), end))


def relaid(grid: TimeGrid, k: int, fresh: TimeGrid) -> TimeGrid:
    """Return the levels of `grid` down to level k, and from there on those of `fresh` that lie below."""
    here = grid.times[: k + 1]
    below = fresh.times[:-1][fresh.times[:-1] < here[-1]]
    if len(below) > 1 and here[-1] - below[0] < MIN_SHARE * (below[0] - below[1]):
        below = below[1:]
    return TimeGrid(grid.schedule, np.concatenate([here, below, fresh.times[-1:]]))


def started_at(grid: TimeGrid, strength: float) -> tuple[TimeGrid, int]:
    """Return a grid and the k to start at so that `strength` 0..1 of the way from the clean end lies before it.

    The level k itself is moved, so that each strength makes a difference; all n for 1, none for 0.
    """
    n_steps = grid.n_steps
    exact = round((1 - min(max(strength, 0.0), 1.0)) * n_steps, 2)
    k = min(int(exact), n_steps)
    if k == n_steps:
        return grid, n_steps
    floor = max(float(grid.times[k + 1]), 0.0)
    times = grid.times.copy()
    times[k] += (exact - k) * (floor - times[k])
    return TimeGrid(grid.schedule, times), k
