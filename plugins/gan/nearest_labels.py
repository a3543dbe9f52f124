"""What the judge of faces reads in pictures: the class of each label, and how sure it is.

N pictures, K labels, H W pixels.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from torch import Tensor

from studio.api.engine import limited_threads
from studio.api.training import AVATAR_LABELS, Judge, load_judge

from .people_evaluation import in_unit, read_surely, unit_pictures

LABELS = tuple(AVATAR_LABELS)
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Reading:
    """Classes (N, K) and how sure the judge is of each, (N, K) in 0..1; columns as in AVATAR_LABELS."""

    classes: IntArray
    sureness: FloatArray


@cache
def face_judge() -> Judge:
    """The judge of faces, loaded once."""
    return load_judge("avatars")


def read_drawn(pictures: Tensor) -> Reading:
    """Read drawn pictures (N, 3, 64, 64), about -1 to 1."""
    return _reading(in_unit(pictures).cpu())


def read_pixels(pixels: npt.NDArray[np.uint8]) -> Reading:
    """Read pictures (N, 64, 64, 3)."""
    return _reading(unit_pictures(pixels))


def _reading(pictures: Tensor) -> Reading:
    with limited_threads(1):  # a second one would wait for the first more than it helps
        classes, sureness = read_surely(face_judge(), pictures)
    return Reading(classes.numpy(), sureness.numpy())


def kind_names(classes: IntArray) -> dict[str, str]:
    """The name of each class (K,), by its label."""
    return {label: kinds[int(number)] for (label, kinds), number in zip(AVATAR_LABELS.items(), classes, strict=True)}
