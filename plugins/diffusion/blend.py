"""Places between prompts: what a prompt means as one array, which the path on the timeline blends.

A position of this family is {"noise": (1, C, H, W), spherical; "words": (N,), linear}. Both are states that a run can
start from, so that the path from A to B is played as every other one, on one seed or on two.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.position import Position
from studio.core.text import N_
from studio.core.view import State

from .denoiser import Completing, Condition, DiffusionModel, FloatArray
from .noise import noise_of
from .params import SampleParams

NOISE: Final = "noise"
WORDS: Final = "words"
ASKED: Final = "asked"
CONTEXT, COUNTS = "context", "counts"
TINY_COUNT: Final = 1e-6
N_DIGEST_BYTES: Final = 16


def position_of(model: DiffusionModel, params: SampleParams) -> Position:
    """Return the place of a prompt and a seed: what a keyframe of the timeline holds."""
    words = packed(asked_for(model, params))
    noise = noise_of((params.seed,), 0, model.shape).numpy()
    return {NOISE: noise, WORDS: words} if words.size else {NOISE: noise}


def condition_at(model: DiffusionModel, params: SampleParams, start: State) -> Condition:
    """Return what a run is asked for: the prompt, or the words in `start`, unless the person asks for others now."""
    asked = asked_for(model, params)
    words = start.get(WORDS)
    is_asked_anew = ASKED in start and not np.array_equal(start[ASKED], asked_digest(params))
    return asked if words is None or is_asked_anew else unpacked(words, asked)


def asked_for(model: DiffusionModel, params: SampleParams) -> Condition:
    """Return what the prompt asks for, as a full caption where the model completes it."""
    prompt = model.complete(params.prompt, params.seed) if isinstance(model, Completing) else params.prompt
    return model.embed(prompt, params.negative)


def asked_digest(params: SampleParams) -> npt.NDArray[np.uint8]:
    """Return what tells prompts apart, uint8 (16,)."""
    text = f"{params.prompt}\x1f{params.negative}"
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
        raise UserError(N_("This saved place does not fit the model."))
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
