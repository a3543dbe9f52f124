"""The inspector's part for attention: the layer, its heads as small squares, one of them large, and what it does."""

from collections.abc import Callable, Sequence
from functools import partial
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


class HeadsPresenter(QObject):
    """Which layer and head of a section are looked at, and how. Signals: arcs_changed(arcs): lines over the text."""

    arcs_changed = Signal(object)

    def __init__(self, section: AttentionSection, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._tasks = section, tasks
        self._words: tuple[str, ...] = ()
        self._place = -1
        self._weights: npt.NDArray[Any] | None = None
        self.layer = self.head = 0
        self.how: Combination = "head"
        section.layer_chosen.connect(lambda layer: self._choose(layer, self.head, self.how))
        section.head_chosen.connect(lambda head: self._choose(self.layer, head, "head"))
        section.how_chosen.connect(lambda how: self._choose(self.layer, self.head, how))

    def set_layers(self, n_layers: int) -> None:
        """The model is open: begin in the middle, where heads do most."""
        self.layer = n_layers // 2
        self._section.set_layers(n_layers, self.layer)

    def _choose(self, layer: int, head: int, how: Combination) -> None:
        self.layer, self.head, self.how = layer, head, how
        self.draw()

    def draw(self) -> None:
        """Show what is known."""
        raise NotImplementedError

    def show_heads(
        self,
        weights: npt.NDArray[Any],
        roles_of: Callable[[npt.NDArray[Any]], Sequence[str]],
        words: Sequence[str],
        row: int,
    ) -> npt.NDArray[Any]:
        """Show weights (L, N, T, T) with a line at a row, and return the picture (T, T) of what is looked at.

        `roles_of` says what each head of a layer (N, T, T) does.
        """
        layer, head = min(self.layer, len(weights) - 1), min(self.head, weights.shape[1] - 1)
        picture = combined(weights, self.how, layer, head)
        self._section.show_layer(weights[layer], roles_of(weights[layer]), head)
        self._section.show_large(picture, words, row, self.how)
        self._section.role.setVisible(self.how == "head")
        return picture


class AttentionPresenter(HeadsPresenter):
    """Signals, beside arcs_changed: head_marked(layer, head), head_switched(layer, head): the person chose a head, or
    switched it.
    """

    head_marked = Signal(int, int)
    head_switched = Signal(int, int)

    def __init__(self, section: AttentionSection, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(section, tasks, parent)
        self._is_watched = False
        self._asked: tuple[tuple[int, ...], str] | None = None
        self._ids: tuple[int, ...] = ()
        self._change = ""
        self._ablation = AblationMask()
        self._place = 0
        section.head_switched.connect(lambda head: self.head_switched.emit(self.layer, head))

    @property
    def first(self) -> int:
        """The first token that has a row: of a long text only the end has."""
        return max(0, len(self._ids) - MAX_TOKENS)

    def set_layers(self, n_layers: int) -> None:
        """The model is open: its middle layer is marked."""
        super().set_layers(n_layers)
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
        self.draw()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int, change: str) -> None:
        """The text on screen, and the token of it that is looked at."""
        self._ids, self._words, self._place, self._change = tuple(ids), tuple(words), place, change
        if self._is_watched:
            self._ask()
            self.draw()

    def _ask(self) -> None:
        wanted = self._ids[-MAX_TOKENS:], self._change
        if self._ids and wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(KEY, lambda engine: engine.attention(*wanted), done=self._on_read)

    def _on_read(self, weights: npt.NDArray[Any]) -> None:
        self._weights = weights
        self.draw()

    def _choose(self, layer: int, head: int, how: Combination) -> None:
        super()._choose(layer, head, how)
        self._section.maps.set_muted(frozenset(self._ablation.heads_of(layer)))
        self.head_marked.emit(layer, head)

    def draw(self) -> None:
        """Show the heads, and lines from the token that is looked at."""
        if not self._is_watched or self._weights is None:
            self.arcs_changed.emit(())
            return
        first = self.first
        n_tokens = min(self._weights.shape[-1], len(self._ids) - first)
        weights = self._weights[..., :n_tokens, :n_tokens]  # those of a longer text, until the news come
        ids, row = self._ids[first : first + n_tokens], self._place - first
        picture = self.show_heads(weights, partial(_roles, ids), self._words[first : first + n_tokens], row)
        self.arcs_changed.emit(_arcs(picture, row, first))


def _roles(ids: Sequence[int], weights: npt.NDArray[Any]) -> list[str]:
    scores = role_scores(weights, ids)
    return [role_words(scores, number) for number in range(len(weights))]


def _arcs(picture: npt.NDArray[Any], row: int, first: int) -> tuple[Arc, ...]:
    """Lines from a token to all that it looked at noticeably."""
    if not 0 <= row < len(picture):
        return ()
    weights = picture[row, : row + 1]
    return tuple(Arc(first + row, first + int(to), float(weights[to])) for to in np.flatnonzero(weights >= LEAST_ARC))
