"""Directions through the space of w that have a name or a number; plain data, no torch.

L rows of w, D numbers in each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text import N_

Array: TypeAlias = npt.NDArray[np.float32]
ALL_ROWS: Final = "all"
MAX_DIRECTIONS: Final = 256


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction.

    Attributes:
        id: stays the same ("beard", "component_3"), whatever a person calls it.
        name: what it changes in plain words, or its number.
        vector: (D,); so much of it is 1 on its slider.
        group: the group of layers that it moves unless a person chooses others, or ALL_ROWS.
        effect: the mean change of a colour, 0 to 1, for 1 on its slider.
    """

    id: str
    name: str
    vector: Array
    group: str
    effect: float


def direction_to_json(direction: Direction) -> dict[str, Any]:
    """As a card holds it."""
    vector = [round(float(value), 4) for value in direction.vector]
    return {
        "id": direction.id,
        "name": direction.name,
        "vector": vector,
        "group": direction.group,
        "effect": round(direction.effect, 4),
    }


def directions_from_json(values: Any, n_w: int) -> tuple[Direction, ...]:
    """The directions of a card, strongest first; raises UserError where they do not fit the model."""
    try:
        found = [_direction(value, n_w) for value in list(values)[:MAX_DIRECTIONS]]
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise UserError(N_("The directions on this model’s card do not fit the model.")) from error
    return ranked(found)


def _direction(value: Mapping[str, Any], n_w: int) -> Direction:
    vector = np.asarray(value["vector"], np.float32)
    if vector.shape != (n_w,) or not np.isfinite(vector).all():
        raise ValueError(vector.shape)
    texts = [str(value[name])[:60] for name in ("id", "name", "group")]
    return Direction(texts[0], texts[1], vector, texts[2], float(value["effect"]))


def ranked(directions: Sequence[Direction]) -> tuple[Direction, ...]:
    """Named directions first, each kind by its measured effect, the strongest first."""
    return tuple(sorted(directions, key=lambda one: (one.group == ALL_ROWS, -one.effect)))
