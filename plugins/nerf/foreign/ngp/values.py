"""Takes numbers, words and tables out of other programs' files, each checked before it is used."""

import math
from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

LARGEST: Final = 1e6


class ForeignTable:
    """A table of a foreign file; everything that is not as expected is a UserError that names it."""

    def __init__(self, values: Any, name: str) -> None:
        """`name` is how messages call it, such as "snapshot.camera"."""
        if not isinstance(values, dict):
            raise wrong_value(name)
        self.values = values
        self.name = name

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def table(self, key: str) -> "ForeignTable":
        """The table under a key, an empty one where it is missing."""
        return ForeignTable(self.values.get(key, {}), self._path(key))

    def items(self, key: str, n_most: int) -> list[Any]:
        """The list under a key, an empty one where it is missing; at most `n_most` long."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or len(value) > n_most:
            raise wrong_value(self._path(key))
        return value

    def whole(self, key: str, allowed: range, default: int) -> int:
        """The whole number under a key."""
        value = self.values.get(key, default)
        if type(value) is float and value.is_integer():  # JSON writers differ
            value = int(value)
        if type(value) is not int or value not in allowed:
            raise wrong_value(self._path(key))
        return value

    def number(self, key: str, low: float, high: float, default: float) -> float:
        """The number under a key, from `low` to `high`."""
        value = self.values.get(key, default)
        if type(value) not in (int, float) or not low <= value <= high:
            raise wrong_value(self._path(key))
        return float(value)

    def flag(self, key: str) -> bool:
        """The truth value under a key, false where it is missing."""
        value = self.values.get(key, False)
        if type(value) is not bool:
            raise wrong_value(self._path(key))
        return value

    def word(self, key: str, default: str) -> str:
        """The text under a key, in lower case."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise wrong_value(self._path(key))
        return value.lower()

    def data(self, key: str) -> bytes:
        """The bytes under a key, none where it is missing."""
        value = self.values.get(key, b"")
        if not isinstance(value, bytes):
            raise wrong_value(self._path(key))
        return value

    def array(self, key: str, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
        """The numbers under a key as nested lists of exactly this shape."""
        return array_of(self.values.get(key), shape, self._path(key))

    def unknown(self, known: Collection[str]) -> list[str]:
        """The names of what nobody reads, fit to be shown."""
        return [printable(f"{self._path(str(key)[:60])}") for key in self.values if key not in known]

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


def array_of(value: Any, shape: tuple[int, ...], name: str) -> npt.NDArray[np.float64]:
    """Nested lists of numbers as an array of exactly this shape; raises UserError otherwise."""
    numbers = np.zeros(shape)
    _fill(numbers, value, name)
    return numbers


def _fill(into: npt.NDArray[np.float64], value: Any, name: str) -> None:
    if not isinstance(value, list) or len(value) != len(into):
        raise wrong_value(name)
    for i, item in enumerate(value):
        if into.ndim > 1:
            _fill(into[i], item, name)
        elif type(item) in (int, float) and abs(item) <= LARGEST and math.isfinite(item):
            into[i] = item
        else:
            raise wrong_value(name)


def wrong_value(name: str) -> UserError:
    """What to say about a part of a file that is missing, of the wrong kind or out of range."""
    return UserError(
        N_("The part “{name}” of this file is missing or makes no sense.").format(name=printable(name)),
        N_("Save the scene again in the program that made it."),
    )
