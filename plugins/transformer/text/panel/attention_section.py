"""The inspector's part for attention: the layer, its heads as small squares, one of them large, and what it does."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Arc, EngineTasks, Label, Segmented, SliderRow, ValueRange, small_label
from studio.core.translation import N_, translate

from ..interpret.attention_patterns import Combination, combined, role_scores, role_words
from ..model.ablation_mask import AblationMask
from .attention_maps import AttentionLarge, AttentionMaps

HOWS: Final = {
    "head": (N_("One head"), N_("Where the selected head looks")),
    "mean": (N_("Mean"), N_("The average over all heads of the layer")),
    "max": (N_("Most"), N_("The strongest head of the layer for each pair of words")),
    "rollout": (
        N_("Rollout"),
        N_("All layers up to this one together, counting half of each as the word itself (attention rollout)"),
    ),
}
HONEST: Final = N_(
    "Attention shows where a head looked, not what it did with it: a word can be looked at and not matter."
)
KEY: Final = "attention"
MAX_TOKENS: Final = 384
"""Of the end of a longer text: all heads of all layers have a square of this side."""
LEAST_ARC: Final = 0.02


class AttentionSection(QWidget):
    """Signals: layer_chosen(layer), head_chosen(head), head_switched(head), how_chosen(how)."""

    layer_chosen = Signal(int)
    head_chosen = Signal(int)
    head_switched = Signal(int)
    how_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None, looks_ahead: bool = False) -> None:
        super().__init__(parent)
        self.layer = SliderRow("attention_layer", N_("Layer"), ValueRange(1, 2, 1, 1, is_whole=True))
        self.layer.value_changed.connect(lambda value: self.layer_chosen.emit(round(value) - 1))
        self.maps = AttentionMaps()
        self.maps.head_chosen.connect(self.head_chosen)
        self.maps.head_switched.connect(self.head_switched)
        self.how = Segmented("attention_how", HOWS, N_("Which heads"))
        self.how.value_chosen.connect(self.how_chosen)
        self.large = AttentionLarge(looks_ahead=looks_ahead)
        self.role = Label()
        self.role.setWordWrap(True)
        self.note = small_label(translate(HONEST))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        for part in (self.layer, self.maps, self.how, self.large, self.role, self.note):
            self._column.addWidget(part)

    def set_layers(self, n_layers: int, layer: int) -> None:
        """Offer so many layers. Emits nothing."""
        fresh = SliderRow("attention_layer", N_("Layer"), ValueRange(1, max(n_layers, 2), 1, layer + 1, is_whole=True))
        fresh.value_changed.connect(lambda value: self.layer_chosen.emit(round(value) - 1))
        fresh.set_value(layer + 1)
        self._column.replaceWidget(self.layer, fresh)
        self.layer.hide()
        self.layer.deleteLater()
        self.layer = fresh
        self.layer.setVisible(n_layers > 1)

    def show_layer(self, weights: npt.NDArray[Any] | None, roles: Sequence[str], head: int) -> None:
        """Show the heads (N, T, T) of a layer. Emits nothing."""
        self.maps.show_layer(weights, roles)
        self.maps.set_current(head)
        self.role.setText(roles[head] if head < len(roles) else "")
        self.role.setVisible(bool(self.role.text()))

    def show_large(self, weights: npt.NDArray[Any] | None, words: Sequence[str], row: int, how: str) -> None:
        """Show one picture (T, T), with a line at the token `row`. Emits nothing."""
        self.how.set_value(how)
        self.large.show_weights(weights, words, row)


class AttentionPresenter(QObject):
    """Signals:
    arcs_changed(arcs): lines to draw over the text.
    head_marked(layer, head), head_switched(layer, head): the person chose a head, or switched it.
    """

    arcs_changed = Signal(object)
    head_marked = Signal(int, int)
    head_switched = Signal(int, int)

    def __init__(self, section: AttentionSection, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._tasks = section, tasks
        self._is_watched = False
        self._asked: tuple[tuple[int, ...], str] | None = None
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._change = ""
        self._ablation = AblationMask()
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

    def set_ablation(self, ablation: AblationMask) -> None:
        """These parts of the network are off."""
        self._ablation = ablation
        self._section.maps.set_muted(frozenset(ablation.heads_of(self.layer)))

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at attention, or no longer."""
        self._is_watched = is_watched
        if is_watched:
            self._ask()
        self._draw()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int, change: str) -> None:
        """The text on screen, and the token of it that is looked at."""
        self._ids, self._words, self._place, self._change = tuple(ids), tuple(words), place, change
        if self._is_watched:
            self._ask()
            self._draw()

    def _ask(self) -> None:
        wanted = self._ids[-MAX_TOKENS:], self._change
        if self._ids and wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(KEY, lambda engine: engine.attention(*wanted), done=self._on_read)

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
        self._section.maps.set_muted(frozenset(self._ablation.heads_of(self.layer)))
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
