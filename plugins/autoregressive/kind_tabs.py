"""The kinds of models of the family side by side: one click leads from pictures to music or to series."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import Host, Segmented
from studio.core.text import N_

FIRST_MODELS: Final = {
    "picture": ("autoregressive/digits",),
    "sound": ("autoregressive/notes", "autoregressive/speech"),
    "text": ("autoregressive/text-xl", "autoregressive/text-xlnet"),
    "music": ("autoregressive/chorales",),
    "series": ("autoregressive/forecast",),
}
"""What a tab leads to: the first one that is there."""
TAB_OF: Final = {"order": "text", "quantiles": "series"}
"""The tab of a kind that has none of its own."""
TITLES: Final = {
    "picture": N_("Picture"),
    "sound": N_("Sound"),
    "text": N_("Text"),
    "music": N_("Music"),
    "series": N_("Series"),
}
HINTS: Final = {
    "picture": N_("Pixel by pixel: erase a part and let it finish (PixelCNN, PixelRNN)"),
    "sound": N_("Sample by sample (WaveNet)"),
    "text": N_("Word by word, with a long memory or in any order (Transformer-XL, XLNet)"),
    "music": N_("Note by note: four voices in the manner of Bach (decoder-only transformer)"),
    "series": N_("Year by year: what may come next, and how sure that is (probabilistic forecast)"),
}


class KindTabs(QWidget):
    """One segment for each kind of which a model is there; opens the first model of another kind."""

    def __init__(self, host: Host, card: Mapping[str, Any]) -> None:
        super().__init__()
        self._host = host
        kind = str(card.get("kind", "picture"))
        self._kind = TAB_OF.get(kind, kind)
        known = {one.id for one in host.cards()}
        there = {kind: [one for one in models if one in known] for kind, models in FIRST_MODELS.items()}
        self._first = {kind: models[0] for kind, models in there.items() if models}
        titles = {kind: title for kind, title in TITLES.items() if kind in self._first or kind == self._kind}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.tabs = Segmented("kind_tabs", titles, N_("What to go on with"), HINTS)
        self.tabs.set_value(self._kind)
        self.tabs.value_chosen.connect(self._on_chosen)
        self.tabs.setVisible(len(titles) > 1)
        column.addWidget(self.tabs)

    def _on_chosen(self, kind: str) -> None:
        if kind != self._kind:
            self.tabs.set_value(self._kind)
            self._host.open_model(self._first[kind])
