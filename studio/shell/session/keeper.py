"""Saves session and settings every four seconds, the session once more at the end, and brings it back."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QLockFile, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from studio.commands.track import Track
from studio.core.error import UserError
from studio.registry.catalog import Catalog
from studio.shell.session.kept_runs import RunKeeper
from studio.shell.session.service import Services
from studio.shell.session.session import FILE_NAME, KeptPage, Session, TabMemory, read_session, write_session
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.tab_set import TabSet
from studio.widgets.task_scope import TaskScope

log = logging.getLogger(__name__)

SAVE_INTERVAL_MS = 4_000
MAX_CLOSED = 10
LATE_MS = 800
"""A session that has waited so long for the Worker, which may be held, is written at once."""


class SessionKeeper(QObject):
    """Of two windows that run at once, only the first keeps its session.

    Signals: restored() once the tabs of the last session are open; looked() each time that it has looked around.

    Attributes:
        last: the session of the last time; `last.is_closed` is False where that ended in a crash.
        is_first: whether this window keeps its session.
        runs: the recordings on the disk.
        closed: the tabs that were closed last, which can come back until the program ends.
        workspace, is_changed: the file that the tabs belong to, and whether something is not in it yet.
    """

    restored = Signal()
    looked = Signal()

    def __init__(self, services: Services, tabs: TabSet, folder: Path) -> None:
        super().__init__(tabs)
        self._services = services
        self._catalog: Catalog = services.catalog
        self._settings = services.settings
        self._tabs = tabs
        self._path = folder / FILE_NAME
        self._lock = QLockFile(str(folder / (FILE_NAME + ".lock")))
        self.is_first = self._lock.tryLock(0)
        self._written: Session | None = None
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._own_folder = None if self.is_first else TemporaryDirectory(prefix="manifold-runs-")
        self.runs = RunKeeper(Path(self._own_folder.name) if self._own_folder else folder / "runs", self._tasks)
        self.workspace, self.is_changed = "", False
        self.closed: tuple[TabMemory, ...] = ()
        tabs.closing.connect(self._on_closing)
        self.last = read_session(self._path) if self.is_first else Session()
        self._is_offered = not self.last.is_closed  # until it is restored, or something else is open
        self._timer = QTimer(self)
        self._timer.setInterval(SAVE_INTERVAL_MS)
        self._timer.timeout.connect(self.save)
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._late.timeout.connect(self._on_late)

    def begin(self) -> None:
        """Save from now on; the first time at once, which marks that the program runs."""
        self.save()
        self._timer.start()

    def restore(self) -> None:
        """Open the tabs of the last session."""
        self._is_offered = False
        self.open_tabs(self.last)
        self.workspace, self.is_changed = self.last.workspace, self.last.is_changed
        self.restored.emit()

    def open_tabs(self, session: Session) -> None:
        """Open these tabs; where a model is not here any more, its recordings are replayed."""
        tabs = [self._reopened(memory) for memory in session.tabs]
        if 0 <= session.front < len(tabs):
            self._tabs.show_page(tabs[session.front])

    def save(self) -> None:
        """Save what changed: the settings at once, the session on the Worker. While somebody drags, wait."""
        if QGuiApplication.mouseButtons() is not Qt.MouseButton.NoButton:  # the disk may take a moment
            return
        self._save_settings()
        self.looked.emit()
        session = self._to_be_kept(is_closed=False)
        if self.is_first and session != self._written:
            self._written = session
            self._tasks.run("save", lambda: write_session(self._path, session), failed=self._on_failed)
            self._late.start()
        if self.is_first:
            self.runs.keep(self.tracks(), runs_of(session) | runs_of(self.last) | runs_of(Session(self.closed)))

    def _on_late(self) -> None:
        if self._tasks.is_running("save") and self._written is not None:
            self._tasks.cancel("save")
            self._write(self._written)

    def _write(self, session: Session) -> None:
        try:
            write_session(self._path, session)
        except (UserError, ValueError) as error:
            self._on_failed(error)

    def _to_be_kept(self, is_closed: bool) -> Session:
        """What is open; that of a crash as long as it is offered and nothing else is open."""
        session = self.present(is_closed)
        self._is_offered &= not session.tabs
        return replace(self.last, is_closed=False) if self._is_offered else session

    def close(self) -> None:
        """Save at once and mark that the program ended as it should."""
        self._timer.stop()
        self._late.stop()
        self._tasks.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()
        if not self.is_first:
            return
        self.runs.close(self.tracks())
        self._write(self._to_be_kept(is_closed=True))
        self._lock.unlock()

    def present(self, is_closed: bool = False) -> Session:
        """What is open now."""
        listed = {model.path for model in self._catalog.list_models()}
        pages = [page for page in self._tabs.pages() if isinstance(page, KeptPage)]
        front = pages.index(self._tabs.front) if self._tabs.front in pages else -1
        tabs = tuple(_memory(page, listed) for page in pages)
        return Session(tabs, front, is_closed, self.workspace, self.is_changed)

    def reopen(self) -> None:
        """Bring back the tab that was closed last, with its runs."""
        if self.closed:
            *rest, memory = self.closed
            self.closed = tuple(rest)
            self._tabs.show_page(self._reopened(memory))

    def _on_closing(self, page: QWidget) -> None:
        if self.runs.is_filling:  # a workspace takes the place of all tabs, and its runs that of theirs
            return
        if isinstance(page, KeptPage):
            listed = {model.path for model in self._catalog.list_models()}
            self.closed = (*self.closed, _memory(page, listed))[-MAX_CLOSED:]
        if isinstance(page, ModelTab) and page.panel is not None:
            self.runs.keep_closing(page.panel.timeline.tracks)

    def _reopened(self, memory: TabMemory) -> QWidget:
        try:
            model = self._catalog.find_model(memory.model_id)
        except UserError as error:
            log.info("the model of a tab is missing: %s", error)
            return self._replayed(memory)
        if not memory.is_listed:
            return self._replayed(memory)
        tab = self._tabs.open_model(model.source, model.title, memory, is_in_front=False)
        if memory.runs:
            tab.changed.connect(partial(self._bring_back, tab, memory), Qt.ConnectionType.SingleShotConnection)
        return tab

    def _replayed(self, memory: TabMemory) -> QWidget:
        from studio.shell.tabs.missing_page import MissingPage  # with its timeline, which Home does without

        page = MissingPage(self._services, memory, self.runs.files({run.id for run in memory.runs}))
        self._tabs.open_page(page, memory.title or memory.model_id, is_in_front=False)
        return page

    def _bring_back(self, tab: ModelTab, memory: TabMemory) -> None:
        if tab.panel is not None:
            self.runs.bring_back(tab.panel, memory)

    def tracks(self) -> Iterator[Track]:
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


def _memory(page: KeptPage, listed: Collection[Path]) -> TabMemory:
    memory = page.memory()
    return replace(memory, is_listed=page.source.path in listed) if isinstance(page, ModelTab) else memory


def runs_of(session: Session) -> set[str]:
    """The ids of all runs of its tabs."""
    return {run.id for tab in session.tabs for run in tab.runs}
