"""The tabs that a presentation plays in: that of the person, or one for each state of a playlist."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from studio.core.error import UserError
from studio.registry.catalog import Catalog
from studio.shell.present.show import Show
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.tab_set import TabSet

if TYPE_CHECKING:
    from studio.api.panel import Panel


class Stage:
    """Opens each state when it is first shown, and keeps it open until the end.

    Attributes:
        place: of the state that is shown, from 0.
    """

    def __init__(self, catalog: Catalog, tabs: TabSet, shows: Sequence[Show], tab: ModelTab | None = None) -> None:
        """`tab` is that of the first state, where one is open already."""
        self._catalog, self._tabs, self._shows = catalog, tabs, tuple(shows)
        self._front: QWidget = tabs.front
        self._own = tab
        self._opened: dict[int, ModelTab] = {} if tab is None else {0: tab}
        self._starts = {n: one.memory for n, one in enumerate(shows) if one.memory.params or one.memory.state}
        self.place = 0

    @property
    def front_changed(self) -> SignalInstance:
        """Emitted when another page is in front, or the one in front changed."""
        return self._tabs.front_changed

    @property
    def n_shows(self) -> int:
        """How many states there are."""
        return len(self._shows)

    @property
    def show(self) -> Show:
        """What is shown."""
        return self._shows[self.place]

    @property
    def tab(self) -> ModelTab | None:
        """Where it is shown; None where that tab was closed."""
        tab = self._opened.get(self.place)
        return tab if tab in self._tabs.model_tabs() else None

    @property
    def panel(self) -> "Panel | None":
        """The panel that shows it."""
        return None if self.tab is None else self.tab.panel

    def turn(self, step: int) -> "Panel | None":
        """Bring the state `step` places on to the front, or the next one that can be shown; None where none can."""
        for n_failed in range(self.n_shows):
            self.place = (self.place + step + (n_failed and 1)) % self.n_shows
            step = 0
            tab = self.tab or self._open(self.place)
            if tab is not None and tab.panel is not None:
                self._tabs.show_page(tab)
                return tab.panel
        return None

    def _open(self, place: int) -> ModelTab | None:
        try:
            memory = self._shows[place].memory
            model = self._catalog.find_model(memory.model_id)
            tab = self._tabs.open_model(model.source, model.title, memory)
        except UserError:  # a model of the playlist that is not here any more is passed over
            return None
        self._opened[place] = tab
        return tab

    def learn_start(self) -> None:
        """Remember how a state looks that came along without saying so, once it can be seen."""
        if self.place not in self._starts and self.tab is not None and self.tab.has_snapshot():
            self._starts[self.place] = replace(self.tab.memory(), runs=())

    def start_again(self) -> None:
        """Return to the prepared state, and stop what plays."""
        if self.tab is None or self.tab.panel is None:
            return
        self.tab.panel.timeline.pause()
        start = self._starts.get(self.place)
        if start is not None:
            self.tab.return_to(start)
        if self.tab is not self._own:
            _forget_visitors(self.tab)

    def close(self) -> None:
        """Close what was opened, and bring to the front what was there before."""
        for tab in self._opened.values():
            if tab is not self._own and tab in self._tabs.model_tabs():
                self._tabs.close_page(tab)
        if self._front in self._tabs.pages():
            self._tabs.show_page(self._front)


def _forget_visitors(tab: ModelTab) -> None:
    """In a tab of the playlist, which nobody works in, neither their runs nor their steps are kept."""
    if tab.panel is None or tab.undo is None:
        return
    timeline = tab.panel.timeline
    for track in tuple(timeline.tracks):
        if track is not timeline.tracks.current:
            timeline.delete(track.id)
    tab.undo.clear()
