"""Adds splats where a picture would rather have them elsewhere, and removes those that are hardly seen."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ...shared.camera.rotation import matrix_of
from ..model.splats import Splats, joined

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

SPLIT: Final = 1.6
"""By how much both halves of a large splat are smaller than it."""


@dataclass(frozen=True)
class DensitySettings:
    """When and how splats are added and removed.

    Attributes:
        first, last, every: steps at which that happens.
        at_most: splats in all.
        least_shift: of the loss with a splat's place, for half a picture, from which on there is too little there.
        large: from this part of the scene's size on a splat is split, and a smaller one doubled.
        largest: of the scene's size; what is larger goes.
        least_opacity: what has less goes.
        growth: by what part there may be more splats each time.
        reset_every: steps after which all opacities are lowered to `reset_to`; 0 for never.
    """

    first: int = 300
    last: int = 5000
    every: int = 100
    at_most: int = 60_000
    least_shift: float = 2e-4
    large: float = 0.01
    largest: float = 0.2
    least_opacity: float = 0.01
    growth: float = 0.1
    reset_every: int = 0
    reset_to: float = 0.02


def changed_splats(
    splats: Splats, shifts: FloatArray, settings: DensitySettings, size: float, random: np.random.Generator
) -> tuple[Splats, IntArray]:
    """The splats after some were added and removed, and which of the old each of them is, -1 for new ones."""
    largest_scale = np.exp(splats.log_scales.max(1))
    is_kept = (splats.opacities >= settings.least_opacity) & (largest_scale <= settings.largest * size)
    n_room = min(settings.at_most - int(is_kept.sum()), int(settings.growth * len(splats)) + 1)
    wanted = np.flatnonzero(is_kept & (shifts >= settings.least_shift))
    wanted = wanted[np.argsort(-shifts[wanted], kind="stable")][: max(n_room, 0)]
    is_large = largest_scale[wanted] > settings.large * size
    doubled, split = wanted[~is_large], wanted[is_large]
    is_kept[split] = False
    kept = np.flatnonzero(is_kept)
    halves = halved(splats.where(np.concatenate([split, split])), random)
    changed = joined(joined(splats.where(kept), splats.where(doubled)), halves)
    sources = np.concatenate([kept, np.full(len(doubled) + len(halves), -1)])
    return changed, sources


def halved(splats: Splats, random: np.random.Generator) -> Splats:
    """Smaller splats at random places in these."""
    scales = np.exp(splats.log_scales)
    offsets = scales * random.normal(size=scales.shape)
    axes = np.array([matrix_of(rotation) for rotation in splats.rotations]).reshape(-1, 3, 3)
    moved = splats.centres + np.einsum("nij,nj->ni", axes, offsets)
    return replace(
        splats,
        centres=np.asarray(moved, np.float32),
        log_scales=np.asarray(splats.log_scales - np.log(SPLIT), np.float32),
    )


def with_lower_opacities(splats: Splats, highest: float) -> Splats:
    """The same with no opacity above a bound, so that only what is needed comes back."""
    bound = np.float32(np.log(highest / (1 - highest)))
    return replace(splats, opacity_logits=np.minimum(splats.opacity_logits, bound))
