"""Saves what is open as a workspace and opens such a file: its name stands in the title of the window."""

from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.commands.command import FILE, Command
from studio.compute.job import Policy
from studio.core.container.workspace_file import SUFFIX
from studio.core.error import UserError
from studio.core.option import RECENT
from studio.core.pausing import Turns
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _, plural
from studio.shell.session.keeper import SessionKeeper, runs_of
from studio.shell.session.service import Services
from studio.shell.session.session import KeptPage, Session
from studio.shell.session.workspace import Workspace, newer_sentence, reading, writing
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.window.window import MainWindow
from studio.widgets.question import ask
from studio.widgets.task_scope import TaskScope

FILTER: Final = N_("Workspaces (*.manifold)")
NEWER, LOST = "newer_workspace", "lost_runs"
"""The keys of what is said of a workspace as it opens."""


class WorkspaceDesk(QObject):
    """The workspace of one window. What a person changes marks it as unsaved; playing and looking around does not."""

    def __init__(self, services: Services, window: MainWindow, keeper: SessionKeeper) -> None:
        super().__init__(window)
        self._services = services
        self._window = window
        self._keeper = keeper
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._tasks.failed.connect(self._on_failed)
        self._is_read_only = False
        self._pages: dict[QWidget, str] = {}
        self._runs: dict[QWidget, set[str]] = {}
        window.opener.workspace_requested.connect(self.open_path)
        window.what_is_lost = self._what_is_lost
        window.tabs.steps_changed.connect(self._note_step)
        window.tabs.front_changed.connect(self._look)
        window.tabs.emptied.connect(self._forget)
        keeper.looked.connect(self._look)
        keeper.restored.connect(self._begin)

    @property
    def path(self) -> Path | None:
        """The file that the tabs belong to, None where there is none yet."""
        return Path(self._keeper.workspace) if self._keeper.workspace else None

    def commands(self) -> Sequence[Command]:
        """What a person can do with workspaces."""
        return (
            Command(
                "tab.reopen",
                N_("Reopen the closed tab"),
                self._keeper.reopen,
                ("Ctrl+Shift+W",),
                FILE,
                lambda: bool(self._keeper.closed),
                N_("With its settings and its recordings."),
            ),
            Command("workspace.open", N_("Open a workspace…"), self.ask_file, ("Ctrl+Shift+O",), FILE),
            Command(
                "workspace.save",
                N_("Save workspace"),
                self.save,
                ("Ctrl+S",),
                FILE,
                self._has_tabs,
                N_("Keeps all tabs with their settings and recordings in one file."),
            ),
            Command(
                "workspace.save_as", N_("Save workspace as…"), self.save_as, ("Ctrl+Shift+S",), FILE, self._has_tabs
            ),
        )

    def _has_tabs(self) -> bool:
        return any(isinstance(page, KeptPage) for page in self._window.tabs.pages())

    # Saving

    def save(self) -> None:
        """Save to the file that is open, or ask for one."""
        path = self.path
        if path is None or self._is_read_only:
            self.save_as()
        else:
            self.save_to(path)

    def save_as(self) -> None:
        """Ask for a file, and save there."""
        first = self.path or Path.home() / f"{_('Workspace')}{SUFFIX}"
        chosen, _filter = QFileDialog.getSaveFileName(self._window, _("Save workspace"), str(first), _(FILTER))
        if chosen:
            path = Path(chosen)
            self.save_to(path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX))

    def save_to(self, path: Path) -> None:
        """Save all tabs piece by piece on the Worker; the window goes on meanwhile."""
        self._look()
        session = self._keeper.present()
        recordings = [track.recording for track in self._keeper.tracks()]
        self._keeper.is_changed = False  # what is changed from now on is not in the file
        self._tasks.run(
            "save",
            lambda: Turns().work(partial(self._writing, session, recordings, path)),
            Policy.QUEUE,
            done=partial(self._on_saved, path),
            failed=self._on_not_saved,
            title=_("Saving {name}").format(name=path.name),
        )

    def _writing(
        self, session: Session, recordings: Sequence[Recording], path: Path
    ) -> Generator[float | None, None, None]:
        runs = self._keeper.runs
        yield from runs.saving(recordings)
        yield from writing(session, runs.files(runs_of(session)), path)

    def _on_saved(self, path: Path, _result: object) -> None:
        self._look()  # what came while it was saved is not in the file
        self._is_read_only = False
        self._take_over(path)
        self._window.say(_("Saved {name}.").format(name=path.name))

    def _on_not_saved(self, error: BaseException) -> None:
        self._keeper.is_changed = True
        self._show_title()
        self._on_failed(error)

    # Opening

    def ask_file(self) -> None:
        """Ask for a workspace and open it."""
        folder = Path.home() if self.path is None else self.path.parent
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Open a workspace"), str(folder), _(FILTER))
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Open a workspace in place of the tabs that are there; ask where something of those would be lost."""
        if not self._keeper.is_changed or not self._has_tabs():
            self._read(path)
            return
        question = _("Open {name} in place of your tabs?").format(name=path.name)
        ask(
            self._window,
            "ask_open_workspace",
            question,
            _("What you changed since you last saved is closed with them. Save the workspace first to keep it."),
            (_("Open"), _("Stay")),
            partial(self._read, path),
        )

    def _read(self, path: Path) -> None:
        runs = self._keeper.runs
        runs.is_filling = True
        self._tasks.run(
            "read",
            lambda: reading(path, runs.folder),
            Policy.RESTART,
            done=partial(self._on_read, path),
            failed=self._on_not_read,
            ended=self._on_reading_ended,
            title=_("Opening {name}").format(name=path.name),
        )

    def _on_reading_ended(self, _key: str) -> None:
        self._keeper.runs.is_filling = False

    def _on_not_read(self, error: BaseException) -> None:
        self._keeper.runs.save_again()
        self._on_failed(error)

    def _on_read(self, path: Path, workspace: Workspace) -> None:
        self._window.tabs.close_all()
        self._keeper.open_tabs(workspace.session)
        self._is_read_only = workspace.is_newer
        self._keeper.is_changed = False
        self._take_over(path)
        if workspace.is_newer:
            self._warn(NEWER, newer_sentence())
        if workspace.n_lost:
            sentence = plural(
                N_("{n} recording of this workspace is missing or damaged."),
                N_("{n} recordings of this workspace are missing or damaged."),
                workspace.n_lost,
            )
            self._warn(LOST, UserError(sentence, N_("Everything else is here.")))

    def _warn(self, key: str, what: UserError) -> None:
        """Say something about the workspace in the page in front, where it stays until it is put away."""
        page = self._window.tabs.front
        shown = page.panel if isinstance(page, ModelTab) else page
        messages = getattr(shown, "messages", self._window.home.messages)
        messages.show_warning(what.title, what.what_to_do, key)

    def _forget(self) -> None:
        """What is opened from now on belongs to no file."""
        self._keeper.workspace, self._keeper.is_changed, self._is_read_only = "", False, False
        self._begin()

    def _take_over(self, path: Path) -> None:
        self._keeper.workspace = str(path.absolute())
        self._services.settings.push_recent(RECENT, self._keeper.workspace)
        self._begin()

    # What is changed

    def _begin(self) -> None:
        """From now on what is different from the present is a change."""
        self._pages, self._runs = self._present_pages(), {}
        self._look()

    def _present_pages(self) -> dict[QWidget, str]:
        """The pages that come back, from left to right, with the ids of their models."""
        kept: list[QWidget] = [page for page in self._window.tabs.pages() if isinstance(page, KeptPage)]
        return {page: _model_of(page) for page in kept}

    def _note_step(self) -> None:
        self._keeper.is_changed = True
        self._show_title()

    def _look(self) -> None:
        """Notice tabs that came or went, and runs that a person began."""
        before, self._pages = self._pages, self._present_pages()
        if list(before.items()) != list(self._pages.items()):
            self._keeper.is_changed = True
        self._runs = {page: runs for page, runs in self._runs.items() if page in self._pages}
        for tab in self._window.tabs.model_tabs():
            self._keeper.is_changed |= self._has_new_run(tab)
        self._show_title()

    def _has_new_run(self, tab: ModelTab) -> bool:
        """Whether there are runs that neither came back with the tab nor began by themselves as it was built."""
        panel = tab.panel
        now = set() if panel is None else {track.id for track in panel.timeline.tracks}
        known = self._runs.get(tab)
        if panel is None or not panel.is_settled or known is None:
            kept = {run.id for run in tab.memory().runs} if panel is None else set()
            self._runs[tab] = kept | now | (known or set())
            return False
        self._runs[tab] = known | now
        return not now <= known

    def _show_title(self) -> None:
        path, program = self.path, _("Manifold Studio")
        self._window.setWindowTitle(program if path is None else f"{path.stem}[*] – {program}")
        self._window.setWindowModified(path is not None and self._keeper.is_changed)

    def _what_is_lost(self) -> str:
        """A sentence about what would be gone with this window, empty where the next start brings it all back."""
        large = self._keeper.runs.large(self._keeper.tracks())
        if large:
            return _("{name} is too large to be kept for the next start. Save the workspace to keep it.").format(
                name=large[0].name
            )
        if not self._keeper.is_first and self._keeper.is_changed and self._has_tabs():
            return _("Only the first window comes back at the next start. Save the workspace to keep this one.")
        return ""

    def _on_failed(self, error: BaseException) -> None:
        if isinstance(error, UserError):
            self._window.show_error(error)
        else:
            self._services.report(error)


def _model_of(page: QWidget) -> str:
    return page.source.id if isinstance(page, ModelTab) else ""
