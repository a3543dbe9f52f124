"""While a hand drags, a long word is drawn a few letters at a time: first those that the drag changes most.

Shapes: N letters, D latent numbers.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from .atlas import Array
from .diacritics import signs

AT_ONCE: Final = 4
FARTHEST: Final = 2.0
"""Where every letter stands farther than that from where it should, it was no drag: all are drawn."""
UNKNOWN: Final = 1e6

Decode = Callable[[Array, str], Array]


class HurriedWord:
    """The letters of one word as they were last drawn, each in the style (D,) that it was drawn in."""

    def __init__(self) -> None:
        self._text = ""
        self._fields = self._places = np.zeros((0, 0), np.float32)
        self._paces = np.zeros(0, np.float32)  # (N,) how much a letter changes a step of the style

    def keep(self, z: Array, text: str, fields: Array) -> None:
        """Note a word whose letters (N, 64, 64) all stand in style `z` (D,)."""
        if text != self._text:
            self._text, self._paces = text, np.full(len(fields), UNKNOWN, np.float32)
        self._fields, self._places = fields, np.repeat(z[None], len(fields), axis=0)

    def drawn(self, z: Array, text: str, decode: Decode) -> tuple[Array, int]:
        """The letters (N, 64, 64) of `text`, and how many of them do not stand in style `z` (D,) yet."""
        found = signs(text)
        ways = np.linalg.norm(self._places - z, axis=1) if text == self._text else np.full(len(found), np.inf)
        if len(found) <= AT_ONCE or ways.min() > FARTHEST:
            self.keep(z, text, decode(z, text))
            return self._fields, 0
        chosen = np.sort((-ways * self._paces).argsort(kind="stable")[:AT_ONCE])
        self._redraw(chosen, ways[chosen], decode(z, "".join(found[i] for i in chosen)))
        self._places[chosen] = z
        return self._fields, int((self._places != z).any(1).sum())

    def _redraw(self, chosen: npt.NDArray[np.intp], ways: Array, fields: Array) -> None:
        changes = np.abs(fields - self._fields[chosen]).mean((1, 2))
        moved = ways > 0
        self._paces[chosen[moved]] = changes[moved] / ways[moved]
        self._fields = self._fields.copy()  # the ones before are on show
        self._fields[chosen] = fields
