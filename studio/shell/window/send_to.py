"""“Send to…”: the picture on screen goes to another model that takes one, as if it were dropped there."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.core.translation import N_
from studio.registry.model import ModelInfo
from studio.shell.export.exporter import write_dragged
from studio.shell.export.source import source_of
from studio.shell.session.service import Services
from studio.shell.tabs.opener import ModelOpener
from studio.shell.tabs.tab_set import TabSet
from studio.shell.window.choice import gallery_choices
from studio.widgets.gallery.gallery import Gallery
from studio.widgets.task_scope import TaskScope


class Sender(QObject):
    """Offers every model that takes pictures, without the one in front."""

    def __init__(self, services: Services, tabs: TabSet, opener: ModelOpener, window: QWidget) -> None:
        super().__init__(tabs)
        self._catalog = services.catalog
        self._tabs = tabs
        self._opener = opener
        self._window = window
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._tasks.failed.connect(services.report)

    def can_offer(self) -> bool:
        """Whether there is a picture on screen."""
        tab = self._tabs.front_tab
        return tab is not None and tab.has_snapshot()

    def offer(self) -> None:
        """Show a gallery of the models to which the picture on screen can go."""
        choices = {choice.entry.id: choice for choice in gallery_choices(self._catalog, self._send)}
        takers = [choices[one.id] for one in self._takers()]
        Gallery(N_("Send to…"), takers, self._window).open_over(self._window)

    def _takers(self) -> list[ModelInfo]:
        """The models that take pictures, those of other families first."""
        tab = self._tabs.front_tab
        families = {found.id: found.family for found in self._catalog.families if found.family is not None}
        models = [one for one in self._catalog.list_models() if tab is None or one.id != tab.source.id]
        takers = [one for one in models if families[one.family].kind_of(one.source.card).takes_pictures]
        return sorted(takers, key=lambda one: tab is not None and one.family == tab.found.id)

    def _send(self, model_id: str) -> None:
        tab = self._tabs.front_tab
        snapshot = None if tab is None else tab.snapshot()
        if snapshot is not None:
            work = partial(write_dragged, source_of(snapshot, None))
            self._tasks.run("send", work, done=partial(self._on_written, model_id))

    def _on_written(self, model_id: str, path: Path) -> None:
        self._opener.open_model(model_id)
        self._opener.hand_to_front(path)
