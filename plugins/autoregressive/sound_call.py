"""The calls that the panel of sounds sends to its engine; what computes stays behind it, where only the Lane goes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .sound_params import SoundParams
from .wave_law import ByteArray, FloatArray

if TYPE_CHECKING:
    from .sound_engine import About, SoundEngine
    from .sound_own import OwnSound


@dataclass(frozen=True, eq=False)
class Look:
    """One sample of a sound.

    Attributes:
        place: its number. key: what the look was taken of.
        chances: (V,) probabilities of its levels at temperature 1. level: the one that it has.
        amount: (L + 1, R + 1), see `sound_looking.Tree`.
    """

    place: int
    key: Any
    chances: npt.NDArray[np.float32]
    level: int
    amount: FloatArray


def about(engine: "SoundEngine") -> "About":
    """What a panel has to know."""
    return engine.about()


def look(engine: "SoundEngine", levels: ByteArray, place: int, params: SoundParams, key: Any) -> Look:
    """What a sample of a sound (n,) might have been, and what it hangs on."""
    tree = engine.tree(levels, place, params)
    return Look(place, key, tree.chances, int(levels[place]), tree.amount)


def own(engine: "SoundEngine", path: Path, n_samples: int) -> "OwnSound":
    """The beginning of a person's sound."""
    return engine.own(path, n_samples)
