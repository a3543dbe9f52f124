"""A run of one item: from noise, from a picture or a sound, from a place between prompts, or on from any step.

What a run can start from, as arrays of a state:

- nothing: the noise of the seed;
- {"noise", "words"}: a place of a path (`position`), either of them; the noise counts for a picture's start too;
- {"picture" (H, W, 3) or "sound" (T,), "strength" 0..1}: that, dissolved as far (SDEdit, Meng 2022, arXiv 2108.01073);
  with a "mask" (H, W) or (T,) only where it says so, anew from pure noise unless there is a strength (inpainting);
- {"x", "k", "times", ...} as `state_of` makes it: on from that step, with these settings or with others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

from ..params import MAX_STEPS, SPACINGS, DiffusionParams, SamplerName, Spacing
from .denoiser import Condition, Denoise, DiffusionModel, DiffusionStep, Guidance, Keep, SeesKnown
from .inpainting import checked_mask, clean_of, keeping, known_pixels, mask_of_x
from .noise_schedule import CLEAN_TIME, TimeGrid, lay_grid, relaid, started_at
from .position import CONDITIONING, NOISE, WORDS, conditioning_digest, noise_of
from .prediction import noised
from .sampler import SAMPLERS, SamplerInputs

X, K, BEFORE, TIMES, SEED, SETTINGS = "x", "k", "before", "times", "seed", "settings"
PICTURE, SOUND, STRENGTH, MASK = "picture", "sound", "strength", "mask"
HANDED_ON: Final = (WORDS, PICTURE, SOUND, MASK)
"""What a step takes over from the start of its run; a picture only where some of it is kept."""
TIMES_ALLOWED: Final = 4 * MAX_STEPS


@dataclass(frozen=True, eq=False)
class RunStart:
    """Where a run begins.

    Attributes:
        grid: its levels, those that lie behind it included.
        x: (1, ...) at level `k`.
        before: the clean x predicted one step earlier, where that still holds.
    """

    grid: TimeGrid
    x: Tensor
    k: int = 0
    before: Tensor | None = None


def run_steps(
    model: DiffusionModel,
    condition: Condition,
    params: DiffusionParams,
    start: State | None = None,
    with_attention: bool = True,
) -> Iterator[DiffusionStep]:
    """Yield the steps of one item; `params.batch` is not looked at. Same input, same bits.

    Raises UserError where the start does not fit the model.
    """
    state = start or {}
    guidance = Guidance(params.guidance, params.rescale, params.threshold)
    if MASK in state and isinstance(model, SeesKnown):
        condition = model.with_known(condition, *known_pixels(model, _given(state), state[MASK]))
    denoise = model.denoiser(condition, guidance, with_attention and model.has_attention)
    known = clean_of(model, _given(state)) if _needs_given(state) else None
    noise = _first_noise(model, params, state)
    begun = _begin(model, denoise, params, state, noise, known)
    walk = SamplerInputs(
        denoise,
        begun.grid,
        begun.x,
        lambda k: noise_of((params.seed,), k, model.shape, begun.x.device),
        begun.k,
        begun.before,
        params.eta,
        None if known is None else _keep(model, state, begun.grid, noise, known),
    )
    carried = _carried(params, state, begun.grid)
    for step in SAMPLERS[cast(SamplerName, params.sampler)](walk):
        yield replace(step, carried=carried)


def forward_frames(model: DiffusionModel, params: DiffusionParams, start: State) -> Iterator[DiffusionStep]:
    """Yield a person's picture or sound as it dissolves, from the clean end (k = n) to pure noise (k = 0).

    The levels and the noise are those of a run with the same settings; from any of these states one goes on.
    """
    clean = clean_of(model, _given(start))
    grid, noise = (
        _laid(model, params),
        _first_noise(model, params, start),
    )
    carried, n_steps = _carried(params, start, grid), grid.n_steps
    for k in range(n_steps, -1, -1):
        time = float(grid.times[k]) if k < n_steps else 0.0
        yield DiffusionStep(k, n_steps, time, noised(clean, noise, *grid.levels[k]), carried=carried)


def state_of(step: DiffusionStep) -> State:
    """Return the state from which `run_steps` yields this step again and goes on."""
    state = {X: _array(step.x), K: np.array(step.k), **step.carried}
    if step.before is None or step.k == step.n_steps:
        return state
    return {**state, BEFORE: _array(step.before)}


def _array(x: Tensor) -> Any:
    return np.ascontiguousarray(x.float().cpu().numpy())


def _carried(params: DiffusionParams, start: State, grid: TimeGrid) -> State:
    names = HANDED_ON if MASK in start else (WORDS,)
    if MASK in start and not _is_other_seed(params, start):
        names = (*names, NOISE)
    return {
        TIMES: grid.times,
        SEED: np.array([params.seed]),
        CONDITIONING: conditioning_digest(params),
        SETTINGS: _settings(params),
        **{name: start[name] for name in names if name in start},
    }


def _settings(params: DiffusionParams) -> Any:
    """What is compared with a branch's: the first two decide the levels, the others what the network predicts."""
    laid = [params.steps, SPACINGS.index(cast(Spacing, params.spacing))]
    return np.array([*laid, params.guidance, params.rescale, params.threshold], np.float64)


# Where a run begins


def grid_of(model: DiffusionModel, params: DiffusionParams, start: State) -> TimeGrid:
    """Return the levels of a run from noise, or on from a step."""
    fresh = _laid(model, params)
    if X not in start:
        return fresh
    grid, k, now = _grid_in(model, start), int(start[K]), _settings(params)
    is_same = np.array_equal(start.get(SETTINGS, now)[:2], now[:2])
    return grid if is_same or k == grid.n_steps else relaid(grid, k, fresh)


def _laid(model: DiffusionModel, params: DiffusionParams) -> TimeGrid:
    spacing, sampler = cast(Spacing, params.spacing), cast(SamplerName, params.sampler)
    return lay_grid(model.schedule, params.steps, spacing, sampler)


def _begin(
    model: DiffusionModel, denoise: Denoise, params: DiffusionParams, start: State, noise: Tensor, known: Tensor | None
) -> RunStart:
    grid = grid_of(model, params, start)
    if X in start:
        return _branch(model, denoise, params, start, grid, noise)
    if known is None:
        return RunStart(grid, noise)
    grid, k = started_at(grid, float(start[STRENGTH]) if STRENGTH in start else 1.0)
    return RunStart(grid, noised(known, noise, *grid.levels[k]), k)


def _branch(
    model: DiffusionModel, denoise: Denoise, params: DiffusionParams, start: State, grid: TimeGrid, noise: Tensor
) -> RunStart:
    x, k = _tensor(model, start[X]), int(start[K])
    if k == grid.n_steps:
        return RunStart(grid, x, k)
    was, now = start.get(SETTINGS, _settings(params)), _settings(params)
    if _is_other_seed(params, start):
        # The same picture as far as it is known here, under other noise.
        said = denoise(x, float(grid.times[k])).x0
        return RunStart(grid, noised(said, noise, *grid.levels[k]), k)
    is_same = np.array_equal(was, now) and np.array_equal(start.get(CONDITIONING, ()), conditioning_digest(params))
    return RunStart(grid, x, k, _tensor(model, start[BEFORE]) if is_same and BEFORE in start else None)


def _grid_in(model: DiffusionModel, start: State) -> TimeGrid:
    times, k = np.asarray(start.get(TIMES, ()), np.float64), int(start.get(K, -1))
    is_grid = times.ndim == 1 and 2 <= len(times) <= TIMES_ALLOWED and bool((np.diff(times) < 0).all())
    if not is_grid or not 0 <= k < len(times) or times[0] > model.schedule.n_times - 1 or times[-1] < CLEAN_TIME:
        raise UserError(N_("This saved step belongs to another model."))
    return TimeGrid(model.schedule, times)


def _tensor(model: DiffusionModel, values: Any) -> Tensor:
    if values.shape != (1, *model.shape) or not np.isfinite(values).all():
        raise UserError(N_("This saved step belongs to another model."))
    return torch.tensor(np.asarray(values, np.float32))


def _given(start: State) -> Any:
    return start[PICTURE] if PICTURE in start else start[SOUND]


def _first_noise(model: DiffusionModel, params: DiffusionParams, start: State) -> Tensor:
    if NOISE in start and not _is_other_seed(params, start):
        return _tensor(model, start[NOISE])
    return noise_of((params.seed,), 0, model.shape)


def _is_other_seed(params: DiffusionParams, start: State) -> bool:
    return SEED in start and int(start[SEED][0]) != params.seed


def _needs_given(start: State) -> bool:
    """Whether a run needs the person's picture or sound: to start from, or to keep some of it."""
    return (PICTURE in start or SOUND in start) and (X not in start or MASK in start)


def _keep(model: DiffusionModel, start: State, grid: TimeGrid, noise: Tensor, known: Tensor) -> Keep | None:
    if MASK not in start:
        return None
    return keeping(known, noise, grid, mask_of_x(checked_mask(model, start[MASK]), model.shape))
