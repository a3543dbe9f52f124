"""The shipped models of the family side by side: one click leads from emoji to faces, digits or sound."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Segmented
from studio.core.card import Card
from studio.core.text import N_

TABS: Final = {
    "diffusion/emoji": N_("Emoji"),
    "diffusion/cascade": N_("Cascade"),
    "diffusion/avatars": N_("Faces"),
    "diffusion/digits": N_("Digits"),
    "diffusion/notes": N_("Sound"),
}
HINTS: Final = {
    "diffusion/emoji": N_("Scenes of emoji from a prompt (latent diffusion)"),
    "diffusion/cascade": N_("The same scenes small at first, then large (cascaded diffusion)"),
    "diffusion/avatars": N_("Faces from a prompt (latent diffusion)"),
    "diffusion/digits": N_("Handwritten digits (class-conditional DDPM)"),
    "diffusion/notes": N_("Notes of instruments (DiffWave)"),
}


class ModelTabs(QWidget):
    """One segment for each shipped model that is there.

    Signals: chosen(model_id) when the person clicks another one than the open one.
    """

    chosen = Signal(str)

    def __init__(self, cards: Sequence[Card], model_id: str) -> None:
        super().__init__()
        known = {card.id for card in cards}
        titles = {tab: title for tab, title in TABS.items() if tab in known}
        titles.setdefault(model_id, N_("Own"))
        self._model_id = model_id
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.tabs = Segmented("model_tabs", titles, N_("What to make"), HINTS)
        self.tabs.set_value(model_id)
        self.tabs.value_chosen.connect(self._on_chosen)
        self.tabs.setVisible(len(titles) > 1)
        column.addWidget(self.tabs)

    def _on_chosen(self, model_id: str) -> None:
        if model_id != self._model_id:
            self.tabs.set_value(self._model_id)
            self.chosen.emit(model_id)
