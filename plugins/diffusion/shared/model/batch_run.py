"""A whole run as moments: all items of a batch step by step, and where a model has two stages, one after the other."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch

from studio.core.view import State

from ..params import DiffusionParams
from .denoiser import Condition, DiffusionModel, DiffusionStep
from .position import condition_at, item_seeds
from .run import MASK, PICTURE, SEED, run_steps, state_of

SMALL: Final = "small"
"""Where the state of a second stage keeps the clean x of the first one, (B, ...)."""
OFFSET: Final = "offset"
"""Where it keeps the number of its own first frame."""
PER_ITEM: Final = ("x", "before", "noise", SEED, SMALL)
"""The arrays of a state that each item of a batch has its own of."""


@runtime_checkable
class CascadeModels(Protocol):
    """Two models of which the second one makes the first one's picture large (Ho et al. 2021, arXiv 2106.15282)."""

    @property
    def stages(self) -> tuple[DiffusionModel, DiffusionModel]:
        """Both; what they are asked for and how they are shown is that of each."""

    def second(self, small: torch.Tensor) -> DiffusionModel:
        """The second stage for a clean x of the first one, (1, ...)."""


@dataclass(frozen=True, eq=False)
class BatchStep:
    """Where all items of a batch stand.

    Attributes:
        steps: of the items, all at the same k.
        model: the stage that runs.
        condition: what it was asked for.
        index, n_frames: which frame of the whole run this is, and of how many.
        state: what a branch goes on from.
    """

    steps: tuple[DiffusionStep, ...]
    model: DiffusionModel
    condition: Condition
    index: int
    n_frames: int
    state: State


def batch_steps(
    model: DiffusionModel | CascadeModels, params: DiffusionParams, start: State
) -> Iterator[BatchStep | None]:
    """Yield the moments of a run, with None between the items of a batch, so that others get a turn."""
    if not isinstance(model, CascadeModels):
        yield from _stage(params, start, [model] * params.batch)
        return
    offset = int(start.get(OFFSET, 0))
    if SMALL in start:
        seeds = item_seeds(params.seed, params.batch)
        small = np.concatenate([item_start(start, item, seed)[SMALL] for item, seed in enumerate(seeds)])
    else:
        last = yield from _stage(params, start, [model.stages[0]] * params.batch, n_more=params.steps + 1)
        small = np.concatenate([step.x.float().cpu().numpy() for step in last.steps])  # (B, C, h, w)
        kept = (PICTURE, MASK) if MASK in start else ()
        start, offset = {name: start[name] for name in kept}, last.index + 1
    models = [model.second(torch.from_numpy(_item(small, item))) for item in range(params.batch)]
    for moment in _stage(params, start, models):
        if moment is None:
            yield None
            continue
        state = {**moment.state, SMALL: small, OFFSET: np.array(offset)}
        yield replace(moment, index=offset + moment.index, n_frames=offset + moment.n_frames, state=state)


def _stage(
    params: DiffusionParams, start: State, models: list[DiffusionModel], n_more: int = 0
) -> Generator[BatchStep | None, None, BatchStep]:
    """Yield the moments of one stage, of which `n_more` frames follow; returns the last one."""
    seeds = item_seeds(params.seed, len(models))
    items = [replace(params, seed=seed) for seed in seeds]
    conditions = [condition_at(model, item, start) for model, item in zip(models, items, strict=True)]
    runs = [
        run_steps(models[item], conditions[item], items[item], item_start(start, item, seed))
        for item, seed in enumerate(seeds)
    ]
    while True:
        steps: list[DiffusionStep] = []
        for run in runs:
            if steps:
                yield None
            steps.append(next(run))
        first = steps[0]
        state = batch_state([state_of(step) for step in steps])
        moment = BatchStep(tuple(steps), models[0], conditions[0], first.k, first.n_steps + 1 + n_more, state)
        yield moment
        if first.k == first.n_steps:
            return moment


def item_start(start: State, item: int, seed: int) -> State:
    """What one item of a batch starts from: where there is one, the item with the same seed, so that it can be picked.

    Where the batch has grown, the last one stands for the new ones.
    """
    same = np.flatnonzero(start.get(SEED, np.zeros(0)) == seed)
    at = int(same[0]) if len(same) else item
    return {name: _item(value, at) if name in PER_ITEM else value for name, value in start.items()}


def batch_state(states: list[State]) -> State:
    """The states of all items as one."""
    return {
        name: np.concatenate([state[name] for state in states]) if name in PER_ITEM else value
        for name, value in states[0].items()
    }


def _item(values: npt.NDArray[Any], item: int) -> npt.NDArray[Any]:
    at = min(item, len(values) - 1)
    return np.ascontiguousarray(values[at : at + 1])
