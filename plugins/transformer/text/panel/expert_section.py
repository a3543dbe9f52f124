"""The inspector's part for mixtures of experts: a lane for each expert of a layer, lit where a token went to it."""

from collections.abc import Sequence
from typing import Any, Final

import numpy.typing as npt
from PySide6.QtCore import QObject, QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from studio.api.panel import EngineTasks, put_in_a_column, small_label, theme
from studio.core.text.token import named, percent
from studio.core.translation import N_, _, plural, translate

from .attention_maps import WeightPicture
from .attention_section import MAX_TOKENS

NOTE: Final = N_(
    "Each row is an expert of the layer above, each column a token. The router sends every token to a few."
)
DENSE: Final = N_("This layer has one part for all tokens, no experts.")
WENT: Final = N_("“{word}” went to expert {n}: {share}")
KEY: Final = "experts"
_LANE_PX: Final = 9
_HIGHEST_PX: Final = 400


class ExpertLanes(WeightPicture):
    """Signals: token_chosen(token): the person clicked that column."""

    token_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("expert_lanes", _("Which expert each word went to"), parent)

    def show_shares(self, shares: npt.NDArray[Any], words: Sequence[str], place: int) -> None:
        """Show the shares (T, E) of these words, with a line around a token. Emits nothing."""
        self.show_weights(shares.T if shares.any() else None, words, place)

    def sizeHint(self) -> QSize:
        """A lane of some pixels for each expert, fewer where there are many."""
        return QSize(280, min(_HIGHEST_PX, theme().scaled(_LANE_PX) * max(1, self._image.height())))

    def ring(self) -> QRectF:
        """The column of the marked token."""
        if not 0 <= self._place < self._image.width():
            return QRectF()
        cell = self.width() / self._image.width()
        return QRectF(self._place * cell, 0.75, max(cell, 2), self.height() - 1.5)

    def told(self, expert: int, token: int) -> str:
        """How much a word gave an expert."""
        if self._weights is None or token >= len(self._words) or not self._weights[expert, token]:
            return ""
        share = percent(float(self._weights[expert, token]))
        return translate(WENT).format(word=named(self._words[token]), n=expert + 1, share=share)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the token of that column."""
        pair = self.pair_at(event.position())
        if pair is not None and pair[1] < len(self._words):
            self.token_chosen.emit(pair[1])


class ExpertSection(QWidget):
    """The lanes, and what they mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lanes, self.note = ExpertLanes(), small_label(translate(NOTE))
        put_in_a_column(self, (self.lanes, self.note))

    def show_layer(self, shares: npt.NDArray[Any], words: Sequence[str], place: int) -> None:
        """Show the shares (T, E) of a layer. Emits nothing."""
        self.lanes.show_shares(shares, words, place)
        n_used = int((shares > 0).any(0).sum())
        used = plural("{n} expert has a word to read.", "{n} experts have a word to read.", n_used).format(n=n_used)
        self.note.setText(f"{translate(NOTE)} {used}" if n_used else translate(DENSE))


class ExpertPresenter(QObject):
    """Signals: token_chosen(token): look at this one."""

    token_chosen = Signal(int)

    def __init__(self, section: ExpertSection, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._tasks = section, tasks
        self._asked: tuple[tuple[int, ...], str] | None = None
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._place, self._layer = 0, 0
        self._shares: npt.NDArray[Any] | None = None
        section.lanes.token_chosen.connect(lambda token: self.token_chosen.emit(token + self._first))

    @property
    def _first(self) -> int:
        """The first token that has a column: of a long text only the end has."""
        return max(0, len(self._ids) - MAX_TOKENS)

    def set_layer(self, layer: int, _head: int = 0) -> None:
        """Show this layer."""
        self._layer = layer
        self._draw()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int, change: str) -> None:
        """The text on screen, and the token of it that is looked at."""
        self._ids, self._words, self._place = tuple(ids), tuple(words), place
        wanted = self._ids[-MAX_TOKENS:], change
        if self._ids and wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(KEY, lambda engine: engine.experts(*wanted), done=self._on_read)
        self._draw()

    def _on_read(self, shares: npt.NDArray[Any]) -> None:
        self._shares = shares
        self._draw()

    def _draw(self) -> None:
        if self._shares is not None:
            first, layer = self._first, min(self._layer, len(self._shares) - 1)
            shares = self._shares[layer][: len(self._ids) - first]  # those of a longer text, until the news come
            self._section.show_layer(shares, self._words[first : first + len(shares)], self._place - first)
