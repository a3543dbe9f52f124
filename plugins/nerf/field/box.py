"""A box in a scene, outside which nothing is drawn."""

from typing import Any, Final, TypeAlias

import numpy as np

from studio.core.scene_codec import Stored
from studio.core.view import State

Box: TypeAlias = tuple[float, ...]
"""Six numbers in world units, the lower corner and the upper one; none at all where nothing is left out."""
BOX: Final = "box"
"""In the state of a frame; six times 0 where nothing is left out."""
FARTHEST: Final = 1e6


def is_box(numbers: Any) -> bool:
    """Whether these are six numbers, and each lower one is below its upper one."""
    corners = np.asarray(numbers, np.float64)
    return corners.shape == (6,) and bool((np.abs(corners) <= FARTHEST).all() and (corners[:3] < corners[3:]).all())


def box_state(box: Box) -> State:
    """The box as the state of a frame keeps it."""
    return {BOX: np.array(box or (0.0,) * 6, np.float32)}


def box_of_state(state: State) -> Box:
    """The box that the state of a frame keeps."""
    numbers = np.asarray(state[BOX], np.float64).ravel()
    return tuple(numbers.tolist()) if is_box(numbers) else ()


def box_words(box: Box) -> str:
    """The box as a setting of a training says it."""
    return " ".join(f"{number:.6g}" for number in box)


def box_of_words(words: str) -> Box:
    """The box that a setting says; raises ValueError where these are not six numbers of a box."""
    box = tuple(float(word) for word in words.replace(",", " ").split())
    if box and not is_box(box):
        raise ValueError(words)
    return box


def _read(values: Any) -> Box:
    box = tuple(float(number) for number in values)
    if box and not is_box(box):
        raise ValueError(values)
    return box


STORED_BOX: Final = Stored(list, _read)
