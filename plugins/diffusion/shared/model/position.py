"""Where a run is among all runs: the noise of each item and step, and prompts as arrays that a path blends.

A position of this family is {"noise": (1, C, H, W), spherical; "words": (N,), linear}. Both are states that a run can
start from, so that the path from A to B is played as every other one, on one seed or on two.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.path.position import Position
from studio.core.seed import MAX_SEED, standard_normal
from studio.core.text.steer_slider import sliders_of
from studio.core.translation import N_
from studio.core.view import State

from ..adapters import adapters_of
from ..params import DiffusionParams
from .denoiser import Completing, Condition, DiffusionModel, FloatArray
from .steering import CONTEXT, COUNTS, directions_of, steered

NOISE_STREAM = "noise"
NOISE: Final = "noise"
WORDS: Final = "words"
CONDITIONING: Final = "asked"
TINY_COUNT: Final = 1e-6
N_DIGEST_BYTES: Final = 16


def item_seeds(seed: int, n_items: int) -> tuple[int, ...]:
    """Return the seeds of a batch: the seed and the numbers after it, which go on at 0 behind the largest."""
    return tuple((seed + item) % (MAX_SEED + 1) for item in range(n_items))


def noise_of(seeds: Sequence[int], k: int, shape: tuple[int, ...], device: torch.device | str = "cpu") -> Tensor:
    """Return the noise that enters x_k, (B, *shape) ~ N(0, I): that of the start for k = 0, of step k - 1 otherwise."""
    items = [standard_normal(shape, seed, NOISE_STREAM, k) for seed in seeds]
    return torch.from_numpy(np.stack(items)).to(device)


def position_of(model: DiffusionModel, params: DiffusionParams) -> Position:
    """Return the place of a prompt and a seed: what a keyframe of the timeline holds."""
    words = packed(conditioning_of(model, params))
    noise = noise_of((params.seed,), 0, model.shape).numpy()
    return {NOISE: noise, WORDS: words} if words.size else {NOISE: noise}


def condition_at(model: DiffusionModel, params: DiffusionParams, start: State) -> Condition:
    """Return what a run is asked for: the prompt, or the words in `start`, unless the person asks for others now."""
    asked = conditioning_of(model, params)
    words = start.get(WORDS)
    is_asked_anew = CONDITIONING in start and not np.array_equal(start[CONDITIONING], conditioning_digest(params))
    return asked if words is None or is_asked_anew else unpacked(words, asked)


def conditioning_of(model: DiffusionModel, params: DiffusionParams) -> Condition:
    """Return what the prompt asks for, as a full caption where the model completes it, pushed along the sliders."""
    prompt = model.complete(params.prompt, params.seed) if isinstance(model, Completing) else params.prompt
    worn = tuple(one for one in adapters_of(params.adapters) if one.is_on)
    return steered(directions_of(model, worn), model.embed(prompt, params.negative), sliders_of(params.steer))


def conditioning_digest(params: DiffusionParams) -> npt.NDArray[np.uint8]:
    """Return what tells prompts, adapters and sliders apart, uint8 (16,)."""
    text = "\x1f".join((params.prompt, params.negative, *filter(None, [params.adapters, params.steer])))
    return np.frombuffer(sha256(text.encode()).digest()[:N_DIGEST_BYTES], np.uint8)


def packed(condition: Condition) -> FloatArray:
    """Return all arrays of a condition as one, (N,); empty for a model that is not asked for anything.

    What a piece means is weighed by how much it counts, so that a straight line between two of them leads past no
    piece that only fills up.
    """
    weighed = {name: _times_counts(name, array, condition.arrays) for name, array in condition.arrays.items()}
    rows = [np.asarray(weighed[name], np.float32).ravel() for name in sorted(weighed)]
    return np.concatenate(rows) if rows else np.zeros(0, np.float32)


def unpacked(words: FloatArray, like: Condition) -> Condition:
    """Return the condition of a place, its arrays shaped as those of another prompt; that prompt's pieces name it.

    Raises UserError where the place belongs to another model.
    """
    sizes = {name: like.arrays[name].size for name in sorted(like.arrays)}
    if words.shape != (sum(sizes.values()),):
        raise UserError(N_("This saved place belongs to another model."))
    ends = np.cumsum(list(sizes.values()), dtype=np.int64)
    arrays = {
        name: np.array(words[end - size : end], np.float32).reshape(like.arrays[name].shape)
        for end, (name, size) in zip(ends, sizes.items(), strict=True)
    }
    return Condition(
        like.prompt, like.pieces, {name: _by_counts(name, array, arrays) for name, array in arrays.items()}
    )


def blended(a: Condition, b: Condition, amount: float) -> Condition:
    """Return the condition between two of one model: `a` at 0, `b` at 1; named by the nearer one."""
    words = (1 - amount) * packed(a) + amount * packed(b)
    return unpacked(words.astype(np.float32), a if amount < 0.5 else b)


def _counts_of(name: str, arrays: Mapping[str, FloatArray]) -> FloatArray | None:
    """How much each piece of the context called `name` counts, (L, 1); None for other arrays."""
    counts = arrays.get(name.removesuffix(CONTEXT) + COUNTS) if name.endswith(CONTEXT) else None
    return None if counts is None else counts[:, None]


def _times_counts(name: str, array: FloatArray, arrays: Mapping[str, FloatArray]) -> FloatArray:
    counts = _counts_of(name, arrays)
    return array if counts is None else array * counts


def _by_counts(name: str, array: FloatArray, arrays: Mapping[str, FloatArray]) -> FloatArray:
    counts = _counts_of(name, arrays)
    return array if counts is None else np.where(counts > TINY_COUNT, array / np.maximum(counts, TINY_COUNT), 0)
