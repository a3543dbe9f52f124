"""Saves session and settings every four seconds, the session once more at the end, and brings it back."""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from studio.commands.track import KeptRun, Track
from studio.core.error import UserError
from studio.registry.catalog import Catalog
from studio.shell.session.kept_runs import RunKeeper
from studio.shell.session.service import Services
from studio.shell.session.session import FILE_NAME, Session, TabMemory, read_session, write_session
from studio.shell.window.model_tab import ModelTab
from studio.shell.window.tab_set import TabSet
from studio.widgets.task_scope import TaskScope

log = logging.getLogger(__name__)

SAVE_INTERVAL_MS = 4_000


class SessionKeeper(QObject):
    """Of two windows that run at once, only the first keeps its session.

    Attributes:
        last: the session of the last time; `last.is_closed` is False where that ended in a crash.
    """

    def __init__(self, services: Services, tabs: TabSet, folder: Path) -> None:
        super().__init__(tabs)
        self._catalog: Catalog = services.catalog
        self._settings = services.settings
        self._tabs = tabs
        self._path = folder / FILE_NAME
        self._lock = QLockFile(str(folder / (FILE_NAME + ".lock")))
        self._is_first = self._lock.tryLock(0)
        self._written: Session | None = None
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._runs = RunKeeper(folder / "runs", self._tasks)
        self.last = read_session(self._path) if self._is_first else Session()
        self._timer = QTimer(self)
        self._timer.setInterval(SAVE_INTERVAL_MS)
        self._timer.timeout.connect(self.save)

    def begin(self) -> None:
        """Save from now on; the first time at once, which marks that the program runs."""
        self.save()
        self._timer.start()

    def restore(self) -> None:
        """Open the tabs of the last session; models that are not there any more are left out."""
        tabs = [self._reopened(memory) for memory in self.last.tabs]
        place = self.last.front
        front = tabs[place] if 0 <= place < len(tabs) else None
        if front is not None:
            self._tabs.show_page(front)

    def save(self) -> None:
        """Save what changed: the settings at once, the session on the Worker. While somebody drags, wait."""
        if QGuiApplication.mouseButtons() is not Qt.MouseButton.NoButton:  # the disk may take a moment
            return
        self._save_settings()
        session = self._present(is_closed=False)
        if self._is_first and session != self._written:
            self._written = session
            self._tasks.run("save", lambda: write_session(self._path, session), failed=self._on_failed)
        if self._is_first:
            self._runs.keep(self._tracks(), _runs_of(session) | _runs_of(self.last))

    def close(self) -> None:
        """Save at once and mark that the program ended as it should."""
        self._timer.stop()
        self._tasks.close()
        if not self._is_first:
            return
        self._runs.close(self._tracks())
        try:
            write_session(self._path, self._present(is_closed=True))
        except (UserError, ValueError) as error:
            self._on_failed(error)
        self._lock.unlock()

    def _present(self, is_closed: bool) -> Session:
        listed = {model.path for model in self._catalog.list_models()}
        # A model from a file elsewhere is found again under Recent: its id may be that of another one.
        tabs = [tab for tab in self._tabs.model_tabs() if tab.source.path in listed]
        front = self._tabs.front_tab
        return Session(tuple(tab.memory() for tab in tabs), tabs.index(front) if front in tabs else -1, is_closed)

    def _reopened(self, memory: TabMemory) -> ModelTab | None:
        try:
            model = self._catalog.find_model(memory.model_id)
        except UserError as error:
            log.info("a tab of the last session is left out: %s", error)
            return None
        tab = self._tabs.open_model(model.source, model.title, memory, is_in_front=False)
        if memory.runs:
            tab.changed.connect(partial(self._bring_back, tab, memory.runs), Qt.ConnectionType.SingleShotConnection)
        return tab

    def _bring_back(self, tab: ModelTab, runs: Sequence[KeptRun]) -> None:
        if tab.panel is not None:
            self._runs.bring_back(tab.panel, runs)

    def _tracks(self) -> Iterator[Track]:
        """Those of all tabs that were looked at; of the others all are on the disk."""
        for tab in self._tabs.model_tabs():
            if tab.panel is not None:
                yield from tab.panel.timeline.tracks

    def _save_settings(self) -> None:
        try:
            self._settings.save()
        except UserError as error:
            log.warning("%s", error)

    def _on_failed(self, error: BaseException) -> None:
        log.warning("the session was not saved: %s", error)


def _runs_of(session: Session) -> set[str]:
    return {run.id for tab in session.tabs for run in tab.runs}
