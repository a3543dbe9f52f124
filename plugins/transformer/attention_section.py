"""The inspector's part for attention: the layer, its heads as small squares, one of them large, and what it does."""

from collections.abc import Sequence
from typing import Any, Final

import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import Segmented, SliderRow, ValueRange
from studio.core.text import N_, translate

from .attention_large import AttentionLarge
from .attention_maps import AttentionMaps

HOWS: Final = {"head": N_("One head"), "mean": N_("Mean"), "max": N_("Most"), "rollout": N_("Rollout")}
HOW_HINTS: Final = {
    "head": N_("Where the chosen head looks"),
    "mean": N_("The mean over all heads of the layer"),
    "max": N_("The strongest head of the layer for each pair of words"),
    "rollout": N_("All layers up to this one together, each half of which is the word itself (attention rollout)"),
}
HONEST: Final = N_(
    "Attention shows where a head looked, not what it took from there: a word can be looked at and not matter."
)


class AttentionSection(QWidget):
    """Signals: layer_chosen(layer), head_chosen(head), head_switched(head), how_chosen(how)."""

    layer_chosen = Signal(int)
    head_chosen = Signal(int)
    head_switched = Signal(int)
    how_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layer = SliderRow("attention_layer", N_("Layer"), ValueRange(1, 2, 1, 1, is_whole=True))
        self.layer.value_changed.connect(lambda value: self.layer_chosen.emit(round(value) - 1))
        self.maps = AttentionMaps()
        self.maps.head_chosen.connect(self.head_chosen)
        self.maps.head_switched.connect(self.head_switched)
        self.how = Segmented("attention_how", HOWS, N_("Which heads"), HOW_HINTS)
        self.how.value_chosen.connect(self.how_chosen)
        self.large = AttentionLarge()
        self.role = QLabel()
        self.role.setWordWrap(True)
        self.note = QLabel(translate(HONEST))
        self.note.setWordWrap(True)
        self.note.setProperty("role", "small")
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
