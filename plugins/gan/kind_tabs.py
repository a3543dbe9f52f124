"""The kinds of models of the family side by side: one click leads from people to drawings or the playground."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Host, Segmented
from studio.core.text import N_

FIRST_MODELS: Final = {
    "people": "gan/avatars-style",
    "styles": "gan/emoji-styles",
    "draw": "gan/outline-to-icon",
    "enlarge": "gan/enlarge",
    "playground": "gan/playground",
}
TITLES: Final = {
    "people": N_("People"),
    "styles": N_("Styles"),
    "draw": N_("Draw"),
    "enlarge": N_("Enlarge"),
    "playground": N_("Play"),
}
HINTS: Final = {
    "people": N_("Faces of nobody, steered by hand (DCGAN, WGAN-GP, StyleGAN)"),
    "styles": N_("Emoji from one art style into another (CycleGAN)"),
    "draw": N_("Draw an outline, get an icon (pix2pix)"),
    "enlarge": N_("Any picture four times as large (SRGAN)"),
    "playground": N_("Playground: forger and detective learn in two dimensions, before your eyes"),
}


class KindTabs(QWidget):
    """One segment for each kind of which a model is there; opens the first model of another kind."""

    def __init__(self, host: Host, card: Mapping[str, Any]) -> None:
        super().__init__()
        self._host = host
        self._kind = str(card.get("kind", "people"))
        known = {one.id for one in host.cards()}
        titles = {kind: TITLES[kind] for kind, first in FIRST_MODELS.items() if first in known or kind == self._kind}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.tabs = Segmented("kind_tabs", titles, N_("What to do"), HINTS)
        self.tabs.set_value(self._kind)
        self.tabs.value_chosen.connect(self._on_chosen)
        self.tabs.setVisible(len(titles) > 1)
        column.addWidget(self.tabs)

    def _on_chosen(self, kind: str) -> None:
        if kind != self._kind:
            self.tabs.set_value(self._kind)
            self._host.open_model(FIRST_MODELS[kind])
