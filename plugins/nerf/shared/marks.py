"""What a person has put into a scene: notes at places, and a ruler between two of them; plain data."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.scene_codec import number, part, row, stored, text
from studio.core.translation import N_, _, translate

Point = tuple[float, float, float]

MOST_NOTES: Final = 100
MOST_LETTERS: Final = 200
_FAR: Final = 1e6
_POINT: Final = row(number(-_FAR, _FAR), 3, 3)
_UNITS: Final = ((1000.0, 0.001, N_("{n:.2f} km")), (1.0, 1.0, N_("{n:.2f} m")), (0.0, 100.0, N_("{n:.1f} cm")))


@dataclass(frozen=True)
class Note:
    """Words at a place of the world."""

    point: Point = stored(_POINT)
    words: str = stored(text(MOST_LETTERS))


@dataclass(frozen=True)
class Marks:
    """Attributes:
    notes: pinned to places. ruler: none, one or two places, in world units.
    metres: how many metres a unit of the world has; 0 as long as nobody has said.
    """

    notes: tuple[Note, ...] = stored(row(part(Note), 0, MOST_NOTES), default=())
    ruler: tuple[Point, ...] = stored(row(_POINT, 0, 2), default=())
    metres: float = stored(number(0.0, _FAR), default=0.0)

    @property
    def length(self) -> float:
        """Of the ruler, in world units; 0 without one."""
        if len(self.ruler) < 2:
            return 0.0
        return float(np.linalg.norm(np.subtract(self.ruler[0], self.ruler[1])))


def length_words(length: float, metres: float) -> str:
    """A length in world units as it is said: in metres where it is known how long a unit is."""
    if not metres:
        return _("{n:.3g} units of the scene").format(n=length)
    real = length * metres
    _least, factor, form = next(one for one in _UNITS if real >= one[0])
    return translate(form).format(n=real * factor if factor != 1 else real)
