"""The open tabs: which pages there are, which one is in front, and how they come and go."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.api.engine import ModelSource
from studio.core.translation import translate
from studio.shell.session.service import Services
from studio.shell.session.session import TabMemory
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.tab_strip import TabStrip

if TYPE_CHECKING:
    from studio.api.panel import Timing


class TabSet(QObject):
    """Keeps tab strip and pages together. The first page, Home, cannot be closed.

    Signals: front_changed() when another page is in front or the one in front changed; steps_changed() and
    timed(Timing) of the model in front; guide_requested(); open_here_requested(ModelTab, model_id);
    emptied() when all were closed; closing(page) before one goes.
    """

    front_changed = Signal()
    steps_changed = Signal()
    timed = Signal(object)
    guide_requested = Signal()
    emptied = Signal()
    closing = Signal(object)
    open_here_requested = Signal(object, str)

    def __init__(self, services: Services, strip: TabStrip, home: QWidget, home_title: str) -> None:
        super().__init__(strip)
        self._services = services
        self._strip = strip
        self.stack = QStackedWidget()
        self._home = home
        self.stack.addWidget(home)
        strip.add_page(home, home_title, "", is_closable=False)
        strip.currentChanged.connect(self._on_current_changed)
        strip.close_requested.connect(self.close_page)

    @property
    def front(self) -> QWidget:
        """The page in front."""
        page: QWidget = self._strip.tabData(self._strip.currentIndex())
        return page

    @property
    def front_tab(self) -> ModelTab | None:
        """The model in front, None on any other page."""
        page = self.front
        return page if isinstance(page, ModelTab) else None

    def model_tabs(self) -> list[ModelTab]:
        """The open models from left to right."""
        return [page for page in self._strip.pages() if isinstance(page, ModelTab)]

    def open_model(self, source: ModelSource, title: str, memory: TabMemory, is_in_front: bool = True) -> ModelTab:
        """Open a model in a tab of its own."""
        tab = ModelTab(self._services, source, title, memory)
        tab.changed.connect(self._on_tab_changed)
        tab.steps_changed.connect(self._on_tab_steps_changed)
        tab.timed.connect(self._on_tab_timed)
        tab.guide_requested.connect(self.guide_requested)
        tab.open_requested.connect(self._on_open_here)
        self.stack.addWidget(tab)
        self._strip.add_page(tab, translate(title), tab.hue)
        if is_in_front:
            self.show_page(tab)
        return tab

    def pages(self) -> list[QWidget]:
        """All pages from left to right, Home among them."""
        return self._strip.pages()

    def open_page(self, page: QWidget, title: str, is_in_front: bool = True) -> None:
        """Open a page that is no model, such as the preferences."""
        self.stack.addWidget(page)
        self._strip.add_page(page, title, "")
        if is_in_front:
            self.show_page(page)

    def show_page(self, page: QWidget) -> None:
        """Bring a page to the front."""
        self._strip.setCurrentIndex(self._strip.index_of(page))

    def has_place(self, place: int) -> bool:
        """Whether there is a page at `place`, 0 or higher."""
        return place < self._strip.count()

    def show_place(self, place: int) -> None:
        """Bring the page at `place` to the front."""
        self._strip.setCurrentIndex(place)

    def show_next(self, step: int) -> None:
        """Go `step` tabs to the right, around the end."""
        self._strip.setCurrentIndex((self._strip.currentIndex() + step) % self._strip.count())

    def show_home(self) -> None:
        """Bring Home to the front."""
        self.show_page(self._home)

    def close_page(self, page: QWidget) -> None:
        """Close a page and free what it holds; Home stays."""
        if page is self._home:
            return
        self.closing.emit(page)
        self._strip.remove_page(page)
        self.stack.removeWidget(page)
        if isinstance(page, ModelTab):
            page.dismantle()
        page.deleteLater()

    def close_all(self) -> None:
        """Close every page but Home."""
        self.show_home()  # first: a page that comes to the front builds its panel
        for page in self._strip.pages():
            self.close_page(page)
        self.emptied.emit()

    def _on_current_changed(self) -> None:
        page = self.front
        if isinstance(page, ModelTab):
            page.build()
        self.stack.setCurrentWidget(page)
        self.front_changed.emit()

    def _on_tab_changed(self) -> None:
        tab = self.sender()
        if isinstance(tab, ModelTab) and tab in self._strip.pages():
            self._strip.set_page(tab, translate(tab.title), tab.hue)
            if tab is self.front:
                self.front_changed.emit()

    def _on_tab_steps_changed(self) -> None:
        if self.sender() is self.front:
            self.steps_changed.emit()

    def _on_tab_timed(self, timing: "Timing") -> None:
        tab = self.sender()
        if isinstance(tab, ModelTab):
            tab.last_timing = timing
        if tab is self.front:
            self.timed.emit(timing)

    def _on_open_here(self, model_id: str) -> None:
        self.open_here_requested.emit(self.sender(), model_id)
