"""The lights in which a field learnt from photos in different light can be shown."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
MAX_LIGHTS: Final = 10_000


@dataclass(frozen=True, eq=False)
class Lights:
    """N lights, counted from 1; between two of them their codes are mixed.

    Attributes:
        names: of the lights, or of the photos that were taken in them.
        codes: float32 (N, n_code).
        columns: float32 (colour_width, n_code), of the first matrix of the colour network, by which it sees a code.
    """

    names: tuple[str, ...]
    codes: FloatArray
    columns: FloatArray

    def __len__(self) -> int:
        return len(self.names)

    def arrays(self) -> dict[str, FloatArray]:
        """Its numbers by name, as they lie in a file."""
        return {"lights.codes": self.codes, "lights.columns": self.columns}

    def code(self, light: float) -> FloatArray:
        """The code (n_code,) of a light; beyond the ends it is that of the last one."""
        place = min(max(light - 1, 0.0), len(self) - 1.0)
        first = min(int(place), max(len(self) - 2, 0))
        second = min(first + 1, len(self) - 1)
        share = np.float32(place - first)
        return np.asarray((1 - share) * self.codes[first] + share * self.codes[second], np.float32)

    def bias(self, light: float) -> FloatArray:
        """What the light adds before the first ReLU of the colour network: (colour_width,)."""
        return np.asarray(self.columns @ self.code(light), np.float32)

    def number_of(self, name: str) -> float | None:
        """Which light has this name; None where none has."""
        return self.names.index(name) + 1.0 if name in self.names else None
