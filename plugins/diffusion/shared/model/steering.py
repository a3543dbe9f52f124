"""Directions between two words in what a network is told of a prompt, added to the prompt's half of the guidance.

The difference of means: Turner et al. 2023 (arXiv 2308.10248), Rimsky et al. 2023 (arXiv 2312.06681).
L pieces, E width.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from studio.core.error import UserError
from studio.core.text.steer_slider import SteerSlider, checked_pair
from studio.core.translation import N_

from .denoiser import Condition, DiffusionModel, FloatArray

CONTEXT: Final = "context"
COUNTS: Final = "counts"
MOST_KEPT: Final = 64
"""So many directions of a model are kept; a drag asks for the same ones again and again."""
FindDirection: TypeAlias = Callable[[str, str], FloatArray]
"""Two texts to the unit vector (E,) from the second to the first."""
_KEPT: Final[WeakKeyDictionary[object, dict[Hashable, FloatArray]]] = WeakKeyDictionary()


def directions_of(model: DiffusionModel, worn: Hashable = ()) -> FindDirection:
    """What finds a model's directions; each is worked out once for what the model wears (its adapters)."""
    kept = _KEPT.setdefault(model.networks[0] if model.networks else model, {})

    def find(toward: str, away: str) -> FloatArray:
        key = worn, toward, away
        if key not in kept:
            found = direction(model.embed, toward, away)
            while len(kept) >= MOST_KEPT:
                del kept[next(iter(kept))]
            kept[key] = found
        return kept[key]

    return find


def direction(embed: Callable[[str], Condition], toward: str, away: str) -> FloatArray:
    """The unit vector (E,) from the mean piece of one text to that of the other.

    Raises UserError where a text has no words that the model knows, or both are read alike.
    """
    one, other = (_mean(embed(text)) for text in checked_pair(toward, away))
    difference = one - other
    length = float(np.linalg.norm(difference))
    if not np.isfinite(length) or length == 0:
        raise UserError(N_("The model reads both texts alike, so no direction leads from one to the other."))
    found: FloatArray = (difference / np.float32(length)).astype(np.float32)
    return found


def steered(find: FindDirection, asked: Condition, sliders: Sequence[SteerSlider]) -> Condition:
    """What is asked for, each piece of its prompt pushed along the sliders; 100 is the median length of its pieces.

    Those that stand at 0 add nothing, not a bit. Raises UserError where one cannot be, or nothing is there to push.
    """
    moved = [slider for slider in sliders if slider.strength]
    if not moved:
        return asked
    context, is_there = asked.arrays[CONTEXT], _counts(asked) > 0  # (L, E), (L,)
    length = float(np.median(np.linalg.norm(context[is_there], axis=1)))
    steps = [slider.strength / 100 * length * _direction(find, slider) for slider in moved]
    pushed = np.where(is_there[:, None], context + np.sum(steps, axis=0), context).astype(np.float32)
    return replace(asked, arrays={**asked.arrays, CONTEXT: pushed})


def _direction(find: FindDirection, slider: SteerSlider) -> FloatArray:
    if slider.feature is not None or slider.layer is not None:
        raise UserError(N_("This model is steered by two texts, not by a layer or a feature."))
    return find(slider.toward, slider.away)


def _mean(asked: Condition) -> FloatArray:
    counts = _counts(asked)[:, None]
    mean: FloatArray = (asked.arrays[CONTEXT] * counts).sum(0) / counts.sum()
    return mean


def _counts(asked: Condition) -> FloatArray:
    """How much each piece counts, (L,); raises UserError where none does."""
    counts = asked.arrays.get(COUNTS, asked.counts)
    if counts is None:
        raise UserError(N_("This model is not asked in words, so words cannot steer it."))
    if not counts.any():
        raise UserError(N_("Steering needs words that the model knows, in the prompt and in both fields."))
    return counts
