"""What a frame shows of a text that is filled in. No torch.

Shape letter: K blanks.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import Tokens, View

from ..shared.next_token import N_NEXT, NextTokens, next_bars
from .passage import Passage
from .state import spelled, started

Facts: TypeAlias = Sequence[npt.NDArray[np.float32]]
"""Of each turn, `shared.next_token.FACTS` (4,)."""


class InfillFrames:
    """Makes the frames of one run."""

    def __init__(self, vocabulary: TextVocabulary, passage: Passage) -> None:
        self._vocabulary = vocabulary
        self._passage = passage

    def frame(self, told: Sequence[int], facts: Facts, turns: Sequence[NextTokens]) -> Frame:
        """The moment when so many blanks are filled; `turns` has the next one too, where there is one."""
        n_told, n_blanks = len(told), len(self._passage.order)
        state = started(self._passage, tuple(told), tuple(float(one[3]) for one in facts))
        if facts:
            state["facts"][:n_told] = np.stack(facts)
        state["next_ids"] = _filled([one.ids for one in turns], n_blanks, np.int32)
        state["next_raw"] = _filled([one.raw for one in turns], n_blanks, np.float16)
        state["next_after"] = _filled([one.after for one in turns], n_blanks, np.float16)
        return Frame(n_told, n_blanks + 1, self._label(n_told), self._views(told, facts, turns), _scalars(facts), state)

    def _views(self, told: Sequence[int], facts: Facts, turns: Sequence[NextTokens]) -> Any:
        order, ids = self._passage.order, list(self._passage.ids)
        weights = [0.0] * len(ids)
        for turn, place in enumerate(order):
            ids[place] = told[turn] if turn < len(told) else -1
            weights[place] = max(float(facts[turn][0]), 0.0) if turn < len(told) else 0.0
        views: dict[str, View] = {"text": Tokens(spelled(ids, self._passage, self._vocabulary), tuple(weights))}
        return views | ({"next": next_bars(turns[-1], self._vocabulary)} if turns else {})

    def _label(self, n_told: int) -> str:
        return N_("{n} of {n_all} blanks filled").format(n=n_told, n_all=len(self._passage.order))


def _filled(rows: Sequence[npt.NDArray[Any]], n_blanks: int, kind: type[np.generic]) -> npt.NDArray[Any]:
    """(K, 50): rows of the turns so far, and zeros."""
    filled = np.zeros((n_blanks, N_NEXT), kind)
    for turn, row in enumerate(rows):
        filled[turn, : len(row)] = row
    return filled


def _scalars(facts: Facts) -> dict[str, float]:
    """Of the blank that was filled last; nothing surprises before the first one."""
    surprise, rank, entropy = facts[-1].tolist()[:3] if facts else (0.0, 0.0, 0.0)
    return {"surprise": max(surprise, 0.0), "rank": rank, "entropy": entropy}
