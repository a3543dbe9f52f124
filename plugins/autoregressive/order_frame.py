"""What a frame shows of a text that is filled in. No torch.

Shape letters: K blanks, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.text import N_
from studio.core.text_vocabulary import TextVocabulary
from studio.core.view import Bars, Tokens, View

from .order_passage import Passage
from .order_state import spelled, started
from .text_choosing import Chances, likeliest
from .text_state import N_NEXT

N_BARS: Final = 10


@dataclass(frozen=True, eq=False)
class Turn:
    """What may come at a turn, likeliest first, at most 50 tokens; named as in `order_state`."""

    next_ids: npt.NDArray[np.int32]
    next_raw: npt.NDArray[np.float16]
    next_after: npt.NDArray[np.float16]


_NAMES: Final = ("next_ids", "next_raw", "next_after")


def turn_of(said: npt.NDArray[Any], chances: Chances) -> Turn:
    """A turn from what the network says (V,) and how it may be drawn."""
    top, after = chances.order[:N_NEXT], chances.shares[:N_NEXT]
    raw = np.exp(said[top].astype(np.float64))
    return Turn(top.astype(np.int32), raw.astype(np.float16), after.astype(np.float16))


class OrderFrames:
    """Makes the frames of one run."""

    def __init__(self, vocabulary: TextVocabulary, passage: Passage) -> None:
        self._vocabulary = vocabulary
        self._passage = passage

    def frame(self, told: Sequence[int], facts: Sequence[npt.NDArray[np.float32]], turns: Sequence[Turn]) -> Frame:
        """The moment when so many blanks are filled; `turns` has the next one too, where there is one."""
        n_told, n_blanks = len(told), len(self._passage.order)
        state = started(self._passage, tuple(told), tuple(float(one[3]) for one in facts))
        if facts:
            state["facts"][:n_told] = np.stack(facts)
        for name in _NAMES:
            rows = [getattr(turn, name) for turn in turns]
            state[name] = np.zeros((n_blanks, N_NEXT), np.int32 if name == "next_ids" else np.float16)
            for turn, row in enumerate(rows):
                state[name][turn, : len(row)] = row
        return Frame(n_told, n_blanks + 1, self._label(n_told), self._views(told, facts, turns), _scalars(facts), state)

    def _views(self, told: Sequence[int], facts: Sequence[npt.NDArray[np.float32]], turns: Sequence[Turn]) -> Any:
        order, ids = self._passage.order, list(self._passage.ids)
        weights = [0.0] * len(ids)
        for turn, place in enumerate(order):
            ids[place] = told[turn] if turn < len(told) else -1
            weights[place] = max(float(facts[turn][0]), 0.0) if turn < len(told) else 0.0
        views: dict[str, View] = {"text": Tokens(spelled(ids, self._passage, self._vocabulary), tuple(weights))}
        return views | ({"next": self._bars(turns[-1])} if turns else {})

    def _bars(self, turn: Turn) -> Bars:
        """The likeliest of what may come, as they may be drawn."""
        after = turn.next_after.astype(np.float64)
        order = likeliest(after)[:N_BARS]
        labels = tuple(self._vocabulary.name(int(turn.next_ids[at])) for at in order)
        return Bars(labels, tuple(after[order].tolist()), tuple((after[order] == 0).tolist()))

    def _label(self, n_told: int) -> str:
        return N_("{n} of {n_all} blanks filled").format(n=n_told, n_all=len(self._passage.order))


def _scalars(facts: Sequence[npt.NDArray[np.float32]]) -> dict[str, float]:
    """Of the blank that was filled last; nothing surprises before the first one."""
    surprise, rank, entropy = facts[-1].tolist()[:3] if facts else (0.0, 0.0, 0.0)
    return {"surprise": max(surprise, 0.0), "rank": rank, "entropy": entropy}
