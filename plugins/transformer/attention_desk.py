"""Asks for the attention of the text on screen while somebody looks at it, and shows it in squares and arcs."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle
from studio.api.panel import Arc, TaskScope

from .attention_roles import role_scores, role_words
from .attention_rollout import Combination, combined
from .attention_section import AttentionSection
from .muting import Muting
from .text_call import attention_of

KEY: Final = "attention"
MAX_TOKENS: Final = 384
"""Of the end of a longer text: all heads of all layers have a square of this side."""
LEAST_ARC: Final = 0.02


class AttentionDesk(QObject):
    """Signals:
        arcs_changed(arcs): lines to draw over the text.
        head_marked(layer, head), head_switched(layer, head): the person chose a head, or switched it.
    """

    arcs_changed = Signal(object)
    head_marked = Signal(int, int)
    head_switched = Signal(int, int)

    def __init__(self, section: AttentionSection, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._tasks, self._handle = section, tasks, handle
        self._is_watched = False
        self._asked: tuple[tuple[int, ...], str] | None = None
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._muted = ""
        self._muting = Muting()
        self._place = 0
        self._weights: npt.NDArray[Any] | None = None
        self.layer, self.head = 0, 0
        self.how: Combination = "head"
        section.layer_chosen.connect(self._on_layer_chosen)
        section.head_chosen.connect(self._on_head_chosen)
        section.head_switched.connect(lambda head: self.head_switched.emit(self.layer, head))
        section.how_chosen.connect(self._on_how_chosen)

    @property
    def first(self) -> int:
        """The first token that has a row: of a long text only the end has."""
        return max(0, len(self._ids) - MAX_TOKENS)

    def set_layers(self, n_layers: int) -> None:
        """The model is open: begin in the middle, where heads do most."""
        self.layer = n_layers // 2
        self._section.set_layers(n_layers, self.layer)
        self.head_marked.emit(self.layer, self.head)

    def set_muting(self, muting: Muting) -> None:
        """These parts of the network are off."""
        self._muting = muting
        self._section.maps.set_muted(frozenset(muting.heads_of(self.layer)))

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at attention, or no longer."""
        self._is_watched = is_watched
        if is_watched:
            self._ask()
        self._draw()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int, muted: str) -> None:
        """The text on screen, and the token of it that is looked at."""
        self._ids, self._words, self._place, self._muted = tuple(ids), tuple(words), place, muted
        if self._is_watched:
            self._ask()
            self._draw()

    def _ask(self) -> None:
        wanted = self._ids[-MAX_TOKENS:], self._muted
        if self._ids and wanted != self._asked:
            self._asked = wanted
            work = self._handle.work(partial(attention_of, ids=wanted[0], muted=wanted[1]))
            self._tasks.run(KEY, work, done=self._on_read)

    def _on_read(self, weights: npt.NDArray[Any]) -> None:
        self._weights = weights
        self._draw()

    def _on_layer_chosen(self, layer: int) -> None:
        self.layer = layer
        self._mark()

    def _on_head_chosen(self, head: int) -> None:
        self.head, self.how = head, "head"
        self._mark()

    def _mark(self) -> None:
        self._section.maps.set_muted(frozenset(self._muting.heads_of(self.layer)))
        self.head_marked.emit(self.layer, self.head)
        self._draw()

    def _on_how_chosen(self, how: Combination) -> None:
        self.how = how
        self._draw()

    def _draw(self) -> None:
        if not self._is_watched or self._weights is None:
            self.arcs_changed.emit(())
            return
        first = self.first
        n_tokens = min(self._weights.shape[-1], len(self._ids) - first)
        weights = self._weights[..., :n_tokens, :n_tokens]  # those of a longer text, until the news come
        layer, head = min(self.layer, len(weights) - 1), min(self.head, weights.shape[1] - 1)
        scores = role_scores(weights[layer], self._ids[first : first + n_tokens])
        roles = [role_words(scores, number) for number in range(weights.shape[1])]
        picture = combined(weights, self.how, layer, head)
        row = self._place - first
        self._section.show_layer(weights[layer], roles, head)
        self._section.show_large(picture, self._words[first : first + n_tokens], row, self.how)
        self._section.role.setVisible(self.how == "head")
        self.arcs_changed.emit(_arcs(picture, row, first))


def _arcs(picture: npt.NDArray[Any], row: int, first: int) -> tuple[Arc, ...]:
    """Lines from a token to all that it looked at noticeably."""
    if not 0 <= row < len(picture):
        return ()
    weights = picture[row, : row + 1]
    return tuple(Arc(first + row, first + int(to), float(weights[to])) for to in np.flatnonzero(weights >= LEAST_ARC))
