"""A tab with one open model: its panel, or the reason why there is none."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.engine import EngineHandle, ModelSource
from studio.commands.undo import Step, UndoStack
from studio.compute.job import Job, Policy
from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.recording.file import loading
from studio.core.translation import N_, _, translate
from studio.registry.family import FoundFamily
from studio.shell.session.crash import FailureView, details_of, write_down
from studio.shell.session.service import Services
from studio.shell.session.session import Bookmark, TabMemory
from studio.shell.tabs.caption_setting import CaptionSetting
from studio.shell.tabs.tab_host import TabHost
from studio.widgets.controls.button import Button
from studio.widgets.theme import set_hue

if TYPE_CHECKING:
    from studio.api.panel import Panel, Snapshot, Timing
    from studio.core.recording.clip import Clip

FAILURE_KEY = "failure"


class ModelTab(QWidget):
    """Builds the panel when it is first shown: a restored session costs nothing until it is looked at.

    Signals: changed() when another model or panel is there; steps_changed() when undo or redo would do something else;
    timed(Timing) after each picture;
    guide_requested(); open_requested(model_id) to open it in this tab.
    """

    changed = Signal()
    steps_changed = Signal()
    timed = Signal(object)
    guide_requested = Signal()
    open_requested = Signal(str)

    def __init__(self, services: Services, source: ModelSource, title: str, memory: TabMemory) -> None:
        super().__init__()
        self._services = services
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._take(source, title, memory)

    def _take(self, source: ModelSource, title: str, memory: TabMemory) -> None:
        self.source = source
        self.title = title
        self.found: FoundFamily = self._services.catalog.family(source.id.partition("/")[0])
        self.hue = self.found.manifest.hue
        set_hue(self, self.hue)
        self._memory = memory
        self._handle: EngineHandle | None = None
        self._host: TabHost | None = None
        self.panel: Panel | None = None
        self._start = TabMemory(source.id)
        self.bookmarks = memory.bookmarks
        self._failure: BaseException | None = None
        self._captions: CaptionSetting | None = None
        self.last_timing: Timing | None = None

    @property
    def family_title(self) -> str:
        """What people call the family."""
        return self.found.manifest.title

    @property
    def guide_path(self) -> Path | None:
        """The family's guide, None where it has none."""
        return self.found.page(self.found.manifest.guide)

    @property
    def undo(self) -> UndoStack | None:
        """The steps made in this tab; None while there is no panel."""
        return self._host.undo if self._host is not None and self.panel is not None else None

    def build(self) -> None:
        """Make the panel, if there is none yet; a failure becomes the page of this tab."""
        if self._host is not None:
            return
        services = self._services
        self._host = TabHost(
            services,
            self.found,
            self.hue,
            open_model=self._on_model_wanted,
            show_guide=self.guide_requested.emit,
            report=self.show_failure,
        )
        try:
            self._handle = services.catalog.make_handle(self.source, services.device.choose)
            panel = services.catalog.panel_class(self.source)(self._handle, self._host)
            panel.preview.begin_once_seen()
        except Exception as error:  # whatever a family does, it shows in its own tab and the rest lives on
            write_down(error)
            self._show_error_page(error)
            return
        self.panel = panel
        self._layout.addWidget(panel)
        panel.timed.connect(self.timed)
        panel.messages.action_requested.connect(self._on_message_action)
        self._host.undo.on_change(self.steps_changed.emit)
        self._restore()
        self._captions = CaptionSetting(panel, services.settings)
        self.changed.emit()

    def _restore(self) -> None:
        self._start = self.memory()
        self.return_to(self._memory)

    def return_to(self, memory: TabMemory) -> None:
        """Let the panel stand where it stood when `memory` was taken of it; one that says nothing changes nothing."""
        try:
            self._recall(memory.params, memory.state)
        except UserError as error:
            if self.panel is not None:
                self.panel.messages.show_error(error)

    def _recall(self, params: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        """Let the panel return to kept values; raises UserError where they do not fit."""
        if self.panel is not None and params:
            self.panel.set_params(saved_params(self._services.catalog.params_class(self.source), params))
        if self.panel is not None and state:
            self.panel.recall(state)

    def reset(self) -> None:
        """Let everything stand as it did when the model was opened, as one step of undo."""
        self.go_to(_("Back to the start"), self._start.params, self._start.state)

    def go_to(self, title: str, params: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        """Return to kept values, as one step of undo; says why where they do not fit."""
        if self.panel is None or self.undo is None:
            return
        now = self.memory()
        if (now.params, now.state) == (params, state):
            return
        back, there = partial(self._recall, now.params, now.state), partial(self._recall, params, state)
        try:
            there()
            self.undo.push(Step(title, back, there))
        except UserError as error:
            self.panel.messages.show_error(error)

    def mark(self, name: str) -> None:
        """Give the present place a name."""
        now = self.memory()
        self._keep(_("Bookmark {name}"), name, (*self.bookmarks, Bookmark(name, now.params, now.state)))

    def unmark(self, bookmark: Bookmark) -> None:
        """Forget a bookmark."""
        rest = tuple(one for one in self.bookmarks if one is not bookmark)
        self._keep(_("Delete the bookmark {name}"), bookmark.name, rest)

    def _keep(self, title: str, name: str, bookmarks: tuple[Bookmark, ...]) -> None:
        if self.undo is not None:
            back, there = partial(self._set_bookmarks, self.bookmarks), partial(self._set_bookmarks, bookmarks)
            there()
            self.undo.push(Step(title.format(name=name), back, there))

    def _set_bookmarks(self, bookmarks: tuple[Bookmark, ...]) -> None:
        self.bookmarks = bookmarks

    def memory(self) -> TabMemory:
        """What has to be kept to come back here: of the panel, or as it was kept the last time."""
        if self.panel is None:
            return self._memory
        try:
            params, runs = params_to_json(self.panel.params()), self.panel.timeline.tracks.kept()
            state, marks = self.panel.memory(), self.bookmarks
            return TabMemory(self.source.id, params, state, runs, self.title, bookmarks=marks)
        except Exception as error:  # a family's mistake must not cost the session of the others
            write_down(error)
            return self._memory

    def snapshot(self) -> "Snapshot | None":
        """What the panel shows, None where it shows nothing that can be saved."""
        if self.panel is None:
            return None
        try:
            return self.panel.snapshot()
        except Exception as error:  # asked after every picture: the log has it, the window goes on
            write_down(error)
            return None

    def has_snapshot(self) -> bool:
        """Whether the panel shows something that can be saved."""
        if self.panel is None:
            return False
        try:
            return self.panel.has_snapshot
        except Exception as error:  # asked after every picture: the log has it, the window goes on
            write_down(error)
            return False

    def clip(self) -> "Clip | None":
        """All frames of the panel's timeline, None where nothing can be played."""
        return self._clip(lambda panel: panel.clip())

    def around(self) -> "Clip | None":
        """The pictures around the one on screen, None where the panel has no such places."""
        return self._clip(lambda panel: panel.around())

    def _clip(self, clip_of: "Callable[[Panel], Clip | None]") -> "Clip | None":
        if self.panel is None:
            return None
        try:
            return clip_of(self.panel)
        except Exception as error:  # a family's mistake: what is on screen can be exported all the same
            write_down(error)
            return None

    def load_recording(self, path: Path) -> None:
        """Read a recording on the Worker and put it on the panel's timeline."""
        self.build()
        if self.panel is not None:
            title = _("Reading {name}").format(name=path.name)
            self.panel.tasks.run(
                "load", lambda: loading(path), Policy.QUEUE, done=self.panel.timeline.take, title=title
            )

    def replace(self, source: ModelSource, title: str, memory: TabMemory) -> None:
        """Show another model in this tab; the steps of the present one are forgotten."""
        self.dismantle()
        self._take(source, title, memory)
        self.build()

    def dismantle(self) -> None:
        """End the panel's work, take it away and free its model."""
        if self._host is not None:
            self._host.undo.close()
        if self._captions is not None:
            self._captions.close()
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if self.panel is not None:
            self.panel.preview.end()
            self.panel.timeline.close()
            self.panel.tasks.close()
            self.panel = None
        self.unload()

    @property
    def is_to_export(self) -> bool:
        """Whether its model would be quicker once it was exported."""
        return self._handle is not None and self._handle.is_to_export

    def unload(self) -> None:
        """Free the model, and those beside it; they come back when the panel next computes."""
        others = () if self._host is None else self._host.handles
        for handle in (self._handle, *others):
            if handle is not None and handle.is_open:
                self._services.worker.submit(Job(("shell", "unload"), handle.unload(), Policy.QUEUE))

    def open_anew(self) -> None:
        """Free the model and read it again at once, before a hand asks for something."""
        self.unload()
        if self._handle is not None:
            opening = self._handle.work(lambda engine: None)
            self._services.worker.submit(Job(("shell", "open anew"), opening, Policy.QUEUE))

    def show_failure(self, error: BaseException) -> None:
        """Say in this tab that its panel made a mistake; the panel stays."""
        if self.panel is None:  # it failed while it was being made
            self._services.report(error)
            return
        write_down(error)
        self._failure = error
        sentence = UserError(N_("This panel made a mistake."), N_("You can carry on. Everything else works."))
        self.panel.messages.show_error(sentence, key=FAILURE_KEY, action=N_("Details"))

    def _on_message_action(self, key: str) -> None:
        if key == FAILURE_KEY and self._failure is not None:
            self._services.report(self._failure)

    def _show_error_page(self, error: BaseException) -> None:
        if isinstance(error, UserError):
            page = FailureView(translate(error.title), translate(error.what_to_do))
        else:
            sentence = _("This model’s panel could not be opened. Everything else still works.")
            page = FailureView(sentence, details_of(error))
        again = Button(N_("Try again"), kind="primary")
        again.setObjectName("try_again")
        again.clicked.connect(self._on_again_clicked)
        page.buttons.addWidget(again)
        self._layout.addWidget(page)
        self.changed.emit()

    def _on_again_clicked(self) -> None:
        self._services.catalog.reload(self.found.id)
        try:
            self.replace(self.source, self.title, self._memory)
        except UserError as error:  # the family itself does not load any more
            self._show_error_page(error)

    def _on_model_wanted(self, model_id: str) -> None:
        # The wish comes from a widget of the panel, which is taken away: let its event end first.
        QTimer.singleShot(0, self, lambda: self.open_requested.emit(model_id))
