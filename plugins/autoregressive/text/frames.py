"""What a frame shows of a text that is being written; a later frame is told by what is new in it. No torch.

Shape letters: T tokens, V vocabulary, K segments seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.recording.delta import Append, AppendRows
from studio.core.text.vocabulary import Spelling, TextVocabulary
from studio.core.translation import N_
from studio.core.view import State, Tokens, View

from ..shared.next_token import NextTokens, next_bars
from .state import GROWING


@dataclass(frozen=True, eq=False)
class ReadToken:
    """One token: facts about it (4,), what may come after it, and its looks (K,)."""

    token: int
    facts: npt.NDArray[np.float32]
    next: NextTokens
    looked: npt.NDArray[np.float32]

    @property
    def growing(self) -> dict[str, npt.NDArray[Any]]:
        """Named as `state.GROWING`."""
        columns = (self.facts, self.next.ids, self.next.raw, self.next.after, self.looked.astype(np.float16))
        return dict(zip(GROWING, columns, strict=True))


class XLTextFrames:
    """Makes the frames of one run.

    Attributes:
        n_tokens: how many there will be. prompt: those of them that a person gave.
        settings: by which dice are read, as `state.SETTINGS`.
    """

    def __init__(
        self, vocabulary: TextVocabulary, n_tokens: int, prompt: Sequence[int], settings: Sequence[float]
    ) -> None:
        self._vocabulary = vocabulary
        self._spelling = Spelling(vocabulary)
        self._n_tokens = n_tokens
        self._constant: State = {"prompt": np.array(prompt, np.int32), "settings": np.array(settings, np.float64)}

    def first(self, rows: Sequence[ReadToken]) -> Frame:
        """The frame that the run begins with, whole."""
        ids = [row.token for row in rows]
        surprise = tuple(max(float(row.facts[0]), 0.0) for row in rows)
        views: dict[str, View] = {
            "text": Tokens(tuple(map(self._spelling.next, ids)), surprise),
            "next": next_bars(rows[-1].next, self._vocabulary),
        }
        all_growing = [row.growing for row in rows]
        growing = {name: np.stack([one[name] for one in all_growing]) for name in GROWING}
        state: State = {"ids": np.array(ids, np.int32), **growing, **self._constant}
        place = len(rows) - 1
        return Frame(place, self._n_tokens, self._label(place), views, _scalars(rows[-1]), state)

    def later(self, row: ReadToken, place: int) -> Frame:
        """The frame of the token at a place."""
        piece = self._spelling.next(row.token)
        growing = {name: AppendRows(rows[None]) for name, rows in row.growing.items()}
        return Frame(
            place,
            self._n_tokens,
            self._label(place),
            {"next": next_bars(row.next, self._vocabulary)},
            _scalars(row),
            self._constant,
            {"text": Append(Tokens((piece,), (max(float(row.facts[0]), 0.0),)))},
            {"ids": AppendRows(np.array([row.token], np.int32)), **growing},
        )

    def _label(self, place: int) -> str:
        return N_("Token {n} of {n_all}").format(n=place + 1, n_all=self._n_tokens)


def _scalars(row: ReadToken) -> dict[str, float]:
    surprise, rank, entropy, _ = row.facts.tolist()
    return {"surprise": max(surprise, 0.0), "rank": rank, "entropy": entropy}
