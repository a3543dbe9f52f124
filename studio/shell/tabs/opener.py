"""Brings models into tabs: by id, from whatever file a person drops or chooses, in place of another one."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.api.family import Example
from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.inspection import WORKSPACE
from studio.core.option import RECENT
from studio.core.picture import is_picture
from studio.core.translation import N_, _, translate
from studio.registry.apart import understand_apart
from studio.registry.family import example_memory
from studio.registry.target import Opening, Understood
from studio.shell.session.service import Services
from studio.shell.session.session import TabMemory
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.tab_set import TabSet
from studio.shell.window.connect import warning_of
from studio.widgets.question import ask
from studio.widgets.task_scope import TaskScope


class ModelOpener(QObject):
    """Brings models into tabs.

    Signals:
        failed(UserError) with what to say; said(str) with what was understood of a file.
        learning_requested(recipe_id, path): a folder was opened that something can be learnt from.
        workspace_requested(path): a workspace was opened.
    """

    failed = Signal(object)
    said = Signal(str)
    learning_requested = Signal(str, object)
    workspace_requested = Signal(object)

    def __init__(self, services: Services, tabs: TabSet) -> None:
        super().__init__(tabs)
        self._services = services
        self._catalog = services.catalog
        self._settings = services.settings
        self._tabs = tabs
        self._files = FileOpener(services, self)
        self._files.understood.connect(self._on_understood)
        self._files.refused.connect(self.failed)
        tabs.open_here_requested.connect(self.open_here)

    def open_model(self, model_id: str) -> None:
        """Open a model, or bring its tab to the front."""
        try:
            model = self._catalog.find_model(model_id)
            for tab in self._tabs.model_tabs():
                if tab.source.path == model.path:
                    self._tabs.show_page(tab)
                    return
            self._open_asked(Opening(model.source, model.title))
        except UserError as error:
            self.failed.emit(error)

    def open_example(self, example: Example) -> None:
        """Open a model in a new tab, in the state that an example prepares."""
        try:
            model = self._catalog.find_model(example.model)
            memory = example_memory(example, self._catalog.family(model.family))
            self.open_opening(Opening(model.source, model.title, example.params, memory))
        except UserError as error:
            self.failed.emit(error)

    def open_opening(self, opening: Opening) -> ModelTab:
        """Open a model in a new tab; raises UserError where its family does not work."""
        memory = TabMemory(opening.source.id, opening.params, opening.state)
        tab = self._tabs.open_model(opening.source, opening.title, memory)
        if opening.recording is not None:
            tab.load_recording(opening.recording)
        self._settings.push_recent(RECENT, opening.source.id)
        return tab

    def _open_asked(self, opening: Opening) -> None:
        """Open a model; of one of a new server, a person first says whether texts may go there."""
        contact = self._catalog.unasked(opening.source)
        if contact is None:
            self.open_opening(opening)
            return

        def agreed() -> None:
            self._catalog.let_reach(contact)
            self.open_opening(opening)

        question = _("May what you write go to “{host}”?").format(host=contact.address.name)
        answers = _("Allow"), _("Do not allow")
        ask(self._tabs.stack, "server_consent", question, warning_of(contact), answers, agreed)

    def open_here(self, tab: ModelTab, model_id: str, memory: TabMemory | None = None) -> None:
        """Show another model in an open tab, with what `memory` says of its panel."""
        try:
            model = self._catalog.find_model(model_id)
            tab.replace(model.source, model.title, memory or TabMemory(model_id))
            self._settings.push_recent(RECENT, model_id)
        except UserError as error:
            self.failed.emit(error)

    def open_path(self, path: Path) -> None:
        """Look into a file on the Worker, then open it or say why not."""
        self._files.open_path(path)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open what was dropped: several pictures go to the panel in front if it melts them, else the first counts."""
        tab = self._tabs.front_tab
        are_pictures = len(paths) > 1 and all(is_picture(path) for path in paths)
        if not (are_pictures and tab is not None and tab.panel is not None and tab.panel.open_pictures(paths)):
            self.open_path(paths[0])

    def _on_understood(self, understood: Understood) -> None:
        opening = understood.opening
        if opening is not None:
            self.said.emit(describe(understood))
            try:
                self._open_asked(opening)
                self._settings.push_recent(RECENT, str(understood.path.absolute()))
            except UserError as error:
                self.failed.emit(error)
            return
        if understood.report.format == WORKSPACE:
            self.workspace_requested.emit(understood.path)
            return
        if understood.recipe_id:
            self.said.emit(_("A model can be trained on this folder."))
            self.learning_requested.emit(understood.recipe_id, understood.path)
            return
        if understood.report.format == "frames" and understood.report.is_export:
            self._replay(understood.path)
            return
        if not (self._is_taken(understood.path) or self._hand_over(understood.path)):
            self.failed.emit(UserError(understood.report.why_not))

    def hand_to_front(self, path: Path) -> None:
        """Let the panel in front go on with a file, or say that it does not."""
        if not self._is_taken(path):
            self.failed.emit(UserError(N_("This model takes no pictures.")))

    def _is_taken(self, path: Path) -> bool:
        """Whether the panel in front goes on with a file."""
        tab = self._tabs.front_tab
        return tab is not None and tab.panel is not None and tab.panel.open_path(path)

    def _hand_over(self, path: Path) -> bool:
        """Open the model that goes on with files of this kind; returns whether there is one that takes it."""
        model_id = self._catalog.taker_of(path)
        if not model_id:
            return False
        self.open_model(model_id)
        return self._is_taken(path)

    def _replay(self, path: Path) -> None:
        """Show a recording whose model is not here."""
        from studio.shell.tabs.recording_page import RecordingPage  # with its timeline, which Home does without

        page = RecordingPage(self._services)
        self._tabs.open_page(page, path.name)
        page.load(path)


class FileOpener(QObject):
    """Looks into files on the Worker. Signals: understood(Understood), refused(UserError)."""

    understood = Signal(object)
    refused = Signal(object)

    def __init__(self, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._catalog = services.catalog
        self._tasks = TaskScope(self, services.worker, services.dispatcher)

    def open_path(self, path: Path) -> None:
        """Find out what the file is; the newest wish counts."""
        self._tasks.run(
            "open",
            lambda: understand_apart(path, self._catalog),
            Policy.RESTART,
            done=self._on_done,
            failed=self._on_failed,
            title=_("Opening {name}").format(name=path.name),
        )

    def _on_done(self, understood: Understood) -> None:
        self.understood.emit(understood)

    def _on_failed(self, error: BaseException) -> None:
        if not isinstance(error, UserError):
            raise error
        self.refused.emit(error)


def describe(understood: Understood) -> str:
    """One sentence about what a file is."""
    report = understood.report
    if understood.opening is None:
        return translate(report.why_not)
    if report.is_export:
        return _("Made with {model}, opened at the point where it was made.").format(
            model=translate(understood.opening.title)
        )
    size = "" if report.n_params is None else _(", {n:,} numbers").format(n=report.n_params)
    return _("A model: {title}{size}.").format(title=translate(understood.opening.title), size=size)
