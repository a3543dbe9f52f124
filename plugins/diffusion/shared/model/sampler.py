"""From noise to a clean x: samplers as free functions that yield every step of their way.

All of them follow x = alpha x0 + sigma eps on any falling grid of levels. What a step draws depends on its number and
on the seeds, and what a multistep rule remembers stands in the step, so that a run goes on from any step bit for bit.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor

from ..params import SamplerName
from .denoiser import Denoise, DiffusionStep, Keep, Prediction
from .noise_schedule import TimeGrid

Noise: TypeAlias = Callable[[int], Tensor]
"""Level k to the noise (B, ...) that enters x_k."""


@dataclass(frozen=True, eq=False)
class SamplerInputs:
    """What a sampler needs to know.

    Attributes:
        denoise: the network with its prompt.
        grid: the levels.
        x: (B, ...) at level `k`, where the walk begins.
        noise: what random steps draw from.
        k: 0 for a whole run.
        before: the clean x predicted one step earlier, where the walk goes on from another one.
        eta: how much fresh noise DDIM adds, 0..1.
        keep: puts known parts of x back after each step.
    """

    denoise: Denoise
    grid: TimeGrid
    x: Tensor
    noise: Noise
    k: int = 0
    before: Tensor | None = None
    eta: float = 0.0
    keep: Keep | None = None


Sampler: TypeAlias = Callable[[SamplerInputs], Iterator[DiffusionStep]]


def ddpm(walk: SamplerInputs) -> Iterator[DiffusionStep]:
    """Ancestral sampling with the variance of the posterior (Ho 2020, arXiv 2006.11239), for steps of any length."""

    def following(step: DiffusionStep, said: Prediction) -> Tensor:
        (alpha, sigma), (next_alpha, next_sigma) = walk.grid.levels[step.k : step.k + 2]
        ratio = alpha / next_alpha
        beta = 1 - ratio**2
        mean = (ratio * next_sigma**2 * step.x + next_alpha * beta * said.x0) / sigma**2
        return _with_noise(walk, step.k, mean, math.sqrt(max(beta, 0.0)) * next_sigma / sigma)

    return _steps(walk, following)


def ddim(walk: SamplerInputs) -> Iterator[DiffusionStep]:
    """Straight on along the predicted noise; `eta` of the noise is drawn anew (Song 2021, arXiv 2010.02502)."""

    def following(step: DiffusionStep, said: Prediction) -> Tensor:
        next_alpha, next_sigma = walk.grid.levels[step.k + 1]
        fresh = walk.eta * fresh_sigma(walk.grid, step.k)
        kept = math.sqrt(max(next_sigma**2 - fresh**2, 0.0))
        return _with_noise(walk, step.k, next_alpha * said.x0 + kept * said.eps, fresh)

    return _steps(walk, following)


def euler(walk: SamplerInputs) -> Iterator[DiffusionStep]:
    """Euler's rule for x / alpha over sigma / alpha (Karras 2022, arXiv 2206.00364); the same as DDIM with eta 0.

    x / alpha = x0 + (sigma / alpha) eps moves along eps, so that only the level of eps changes. Of x / (alpha + sigma)
    it is Euler's rule along the flow eps - x0 (`prediction`).
    """

    def following(step: DiffusionStep, said: Prediction) -> Tensor:
        next_alpha, next_sigma = walk.grid.levels[step.k + 1]
        return next_alpha * said.x0 + next_sigma * said.eps

    return _steps(walk, following)


def euler_ancestral(walk: SamplerInputs) -> Iterator[DiffusionStep]:
    """Euler's rule to below the next level, then fresh noise up to it (Karras 2022; k-diffusion)."""

    def following(step: DiffusionStep, said: Prediction) -> Tensor:
        (alpha, sigma), (next_alpha, next_sigma) = walk.grid.levels[step.k : step.k + 2]
        ratio, next_ratio = sigma / alpha, next_sigma / next_alpha
        up = min(next_ratio, next_ratio * math.sqrt(max(ratio**2 - next_ratio**2, 0.0)) / ratio)
        down = math.sqrt(max(next_ratio**2 - up**2, 0.0))
        moved = next_alpha * (said.x0 + down * said.eps)
        return _with_noise(walk, step.k, moved, next_alpha * up)

    return _steps(walk, following)


def heun(walk: SamplerInputs) -> Iterator[DiffusionStep]:
    """Two looks a step, second order (Karras 2022, algorithm 1, for the scale and noise of this schedule).

    With alpha = cos(a) and sigma = sin(a) the way is dx/da = v = alpha eps - sigma x0, which is tame however noisy the
    first level is. Where x0 and eps stay the same, the two slopes together hit the arc exactly.
    """

    def following(step: DiffusionStep, said: Prediction) -> Tensor:
        level, following_level = walk.grid.levels[step.k : step.k + 2]
        next_alpha, next_sigma = following_level
        guess = next_alpha * said.x0 + next_sigma * said.eps
        if next_sigma == 0:
            return guess
        again = walk.denoise(guess, float(walk.grid.times[step.k + 1]))
        turn = math.atan2(next_sigma, next_alpha) - math.atan2(level[1], level[0])
        return step.x + math.tan(turn / 2) * (_slope(said, level) + _slope(again, following_level))

    return _steps(walk, following)


def dpmpp_2m(walk: SamplerInputs) -> Iterator[DiffusionStep]:
    """DPM-Solver++ 2M: exact for the linear part, the clean x drawn on from two looks (Lu 2022, arXiv 2211.01095)."""

    def following(step: DiffusionStep, said: Prediction) -> Tensor:
        grid, k = walk.grid, step.k
        (_, sigma), (next_alpha, next_sigma) = grid.levels[k : k + 2]
        if next_sigma == 0:
            return said.x0
        way = grid.log_ratio(k + 1) - grid.log_ratio(k)
        x0 = said.x0
        if step.before is not None:
            share = way / (2 * (grid.log_ratio(k) - grid.log_ratio(k - 1)))
            x0 = (1 + share) * x0 - share * step.before
        return (next_sigma / sigma) * step.x - (next_alpha * math.expm1(-way)) * x0

    return _steps(walk, following)


def lcm(walk: SamplerInputs) -> Iterator[DiffusionStep]:
    """To the clean x, and back to the next level with all of the noise drawn anew (Luo 2023, arXiv 2310.04378)."""

    def following(step: DiffusionStep, said: Prediction) -> Tensor:
        next_alpha, next_sigma = walk.grid.levels[step.k + 1]
        return _with_noise(walk, step.k, next_alpha * said.x0, next_sigma)

    return _steps(walk, following)


SAMPLERS: Mapping[SamplerName, Sampler] = {
    "ddim": ddim,
    "ddpm": ddpm,
    "euler": euler,
    "euler_ancestral": euler_ancestral,
    "heun": heun,
    "dpmpp_2m": dpmpp_2m,
    "lcm": lcm,
}
RANDOM: frozenset[SamplerName] = frozenset({"ddpm", "euler_ancestral", "lcm"})
"""Samplers that draw noise at every step; DDIM does so too once eta is above 0."""


def fresh_sigma(grid: TimeGrid, k: int) -> float:
    """Return the spread of the noise that an ancestral step from level k adds: the root of the posterior's variance."""
    (alpha, sigma), (next_alpha, next_sigma) = grid.levels[k : k + 2]
    return next_sigma / sigma * math.sqrt(max(1 - (alpha / next_alpha) ** 2, 0.0))


def _steps(walk: SamplerInputs, following: Callable[[DiffusionStep, Prediction], Tensor]) -> Iterator[DiffusionStep]:
    x, before, n_steps = walk.x, walk.before, walk.grid.n_steps
    for k in range(walk.k, n_steps):
        time = float(walk.grid.times[k])
        said = walk.denoise(x, time)
        step = DiffusionStep(k, n_steps, time, x, said, before)
        yield step
        x, before = following(step, said), said.x0
        if walk.keep is not None:
            x = walk.keep(x, float(walk.grid.times[k + 1]), k + 1)
    yield DiffusionStep(n_steps, n_steps, 0.0, x, None, before)


def _with_noise(walk: SamplerInputs, k: int, x: Tensor, spread: float) -> Tensor:
    return x + spread * walk.noise(k + 1) if spread > 0 else x


def _slope(said: Prediction, level: tuple[float, float]) -> Tensor:
    alpha, sigma = level
    return alpha * said.eps - sigma * said.x0
