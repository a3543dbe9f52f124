"""Attention both ways: the heads of a layer, one of them large, and lines from the marked word to all it looked at."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.engine import Policy
from studio.api.panel import Arc
from studio.core.text.token import percent
from studio.core.translation import N_, translate

from ...text.panel.attention_section import LEAST_ARC, HeadsPresenter

KEY: Final = "attention"
WAYS: Final = (
    N_("It looks at the token just before ({share} of its attention)."),
    N_("It looks at the token just after ({share} of its attention)."),
    N_("It looks at the token itself ({share})."),
    N_("It looks at gaps ({share})."),
)
N_ARCS: Final = 6
"""Lines over a text; more of them hide it."""
TELLING: Final = 0.4
MIXED: Final = N_("It spreads its attention; no simple rule explains more than {share}.")


class FillInAttention(HeadsPresenter):
    """Signals: see HeadsPresenter."""

    _asked: tuple[int, ...] = ()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._tasks.is_running(KEY)

    def show(self, row: tuple[int, ...], words: Sequence[str], place: int) -> None:
        """The text on screen, -1 for a gap, and the token of it that is looked at."""
        self._words, self._place = tuple(words), place
        if row != self._asked:
            self._asked = row
            self._tasks.ask(KEY, lambda engine: engine.attention(row, row), Policy.RESTART, done=self._on_read)
        self.draw()

    def _on_read(self, news: tuple[tuple[int, ...], npt.NDArray[Any]]) -> None:
        if news[0] == self._asked:
            self._weights = news[1]
            self.draw()

    def draw(self) -> None:
        """Show the heads; what was there stays until the news come."""
        weights = self._weights
        if weights is not None and weights.shape[-1] == len(self._asked):
            roles_of = partial(role_sentences, row=self._asked)
            self.arcs_changed.emit(arcs_of(self.show_heads(weights, roles_of, self._words, self._place), self._place))


def role_sentences(weights: npt.NDArray[Any], row: Sequence[int]) -> list[str]:
    """What each head of a layer (N, T, T) mostly does."""
    n_tokens, each = weights.shape[-1], weights.astype(np.float32)
    rows, gaps = np.arange(n_tokens), np.flatnonzero(np.array(row) < 0)
    return [_role(head, rows, gaps) for head in each]


def _role(head: npt.NDArray[np.float32], rows: npt.NDArray[Any], gaps: npt.NDArray[Any]) -> str:
    shares = (
        float(head[rows[1:], rows[1:] - 1].mean()) if len(rows) > 1 else 0.0,
        float(head[rows[:-1], rows[:-1] + 1].mean()) if len(rows) > 1 else 0.0,
        float(head[rows, rows].mean()),
        float(head[:, gaps].sum(1).mean()) if 2 * len(gaps) < len(rows) else 0.0,
    )
    best = int(np.argmax(shares))
    text = WAYS[best] if shares[best] >= TELLING else MIXED
    return translate(text).format(share=percent(shares[best]))


def arcs_of(picture: npt.NDArray[Any], place: int) -> tuple[Arc, ...]:
    """Lines from a token to those that it looked at most, before and behind it."""
    if not 0 <= place < len(picture):
        return ()
    weights = picture[place]
    most = np.argsort(-weights, kind="stable")[:N_ARCS]
    return tuple(Arc(place, int(to), float(weights[to])) for to in most if weights[to] >= LEAST_ARC)
