"""What is on screen of a description: the face, the words, and where each looked. No torch, no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.text.token import TextToken, joined
from studio.core.view import ByteArray

from ..translate.view_model import LETTERS
from .state import DescriberInfo, DescriptionTrace

FADED: Final = 0.3
"""Of the colours of what was not looked at."""
_SIDE_PX: Final = 256
Heat = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DescriptionView:
    """A frame as it is read.

    Attributes:
        tokens: what is said, as chips. words: the numbers of the tokens of each of its words.
        heats: how much of the look of each word went to each patch, (words, n, n), 1 in sum for each.
        unknown: the words of the question that the model has never read.
    """

    tokens: tuple[TextToken, ...]
    words: tuple[tuple[int, ...], ...]
    heats: Heat
    unknown: tuple[str, ...]

    def heat_of(self, token: int) -> Heat | None:
        """Where the word of a token looked; None where there is no such token."""
        return next((self.heats[number] for number, word in enumerate(self.words) if token in word), None)

    def glow(self, row: int, column: int) -> list[float]:
        """For each token, how much its word looked at a patch, 1 for the one that did the most."""
        if not len(self.words) or not (0 <= row < self.heats.shape[1] and 0 <= column < self.heats.shape[2]):
            return []
        shares = self.heats[:, row, column] / max(float(self.heats[:, row, column].max()), 1e-9)
        owners = {token: number for number, word in enumerate(self.words) for token in word}
        return [float(shares[owners[token]]) for token in range(len(self.tokens))]


def view_of(trace: DescriptionTrace, info: DescriberInfo, question: str) -> DescriptionView:
    """Read a frame."""
    tokens = trace.tokens(info.vocabulary)
    words = tuple(joined(tokens))
    heats = [trace.heat(word) for word in words]
    stacked = np.stack(heats) if heats else np.zeros((0, 1, 1), np.float32)
    return DescriptionView(tokens, words, stacked, unknown_words(question, info.words))


def unknown_words(question: str, known: frozenset[str]) -> tuple[str, ...]:
    """The words of a question that the model has never read, each once."""
    return tuple(dict.fromkeys(one for one in LETTERS.findall(question) if known and one.lower() not in known))


def lit(picture: ByteArray, heat: Heat | None, tint: Sequence[int]) -> ByteArray:
    """A picture (h, w, 3) on which what was looked at keeps its colours under a breath of `tint`, and the rest fades.

    Returns (256, 256, 3) uint8, smooth between patches; the picture as it is where there is no heat.
    """
    if heat is None:
        return picture
    large = _smooth(picture.astype(np.float32))
    share = _smooth(heat[..., None] / max(float(heat.max()), 1e-9))
    kept = FADED + (1 - FADED) * share
    coloured = 0.75 * large + 0.25 * np.asarray(tint, np.float32)
    shown = large * (1 - share) + coloured * share
    return np.rint(shown * kept + 255 * (1 - kept)).clip(0, 255).astype(np.uint8)


def _smooth(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Values (n, m, C) enlarged to 256 by 256, linear between the middles of cells."""
    for axis in (0, 1):
        n = values.shape[axis]
        at = ((np.arange(_SIDE_PX) + 0.5) * n / _SIDE_PX - 0.5).clip(0, n - 1)
        low = np.floor(at).astype(int)
        share = (at - low).astype(np.float32).reshape([-1 if one == axis else 1 for one in range(3)])
        high = np.minimum(low + 1, n - 1)
        values = values.take(low, axis) * (1 - share) + values.take(high, axis) * share
    return values
