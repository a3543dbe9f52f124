"""The kinds of models of a family side by side: one click leads from pictures to music or to series."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.engine import ModelSource
from studio.api.panel import Host
from studio.core.translation import N_
from studio.widgets.controls.segmented import Segmented


class KindTabs(QWidget):
    """One segment for each tab of the family of which a model is there; opens the first model of another tab."""

    def __init__(self, host: Host, source: ModelSource) -> None:
        super().__init__()
        self._host = host
        kinds, name = host.family.kinds, host.family.kind_name(source.card)
        known = {card.id for card in host.cards()}
        all_tabs = [tab for kind in kinds.values() for tab in kind.tabs]
        self._first = {tab.title: next((one for one in tab.models if one in known), "") for tab in all_tabs}
        own = kinds[kinds[name].beside or name].tabs
        self._present = next((tab.title for tab in own if source.id in tab.models or len(own) == 1), N_("Own"))
        titles = {title: title for title, model in self._first.items() if model or title == self._present}
        titles.setdefault(self._present, self._present)
        hints = {tab.title: tab.hint for tab in all_tabs}
        self.tabs = Segmented("kind_tabs", titles, host.family.tabs_title, hints)
        self.tabs.set_value(self._present)
        self.tabs.value_chosen.connect(self._on_chosen)
        self.tabs.setVisible(len(titles) > 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)

    def _on_chosen(self, title: str) -> None:
        if title != self._present:
            self.tabs.set_value(self._present)
            self._host.open_model(self._first[title])
