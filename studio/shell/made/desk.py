"""Keeps the list of what was exported, shows it as a page, and does what is asked for there."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFile, QObject, QUrl
from PySide6.QtGui import QDesktopServices

from studio.commands.command import FILE, Command
from studio.compute.job import Policy
from studio.core.container.json_metadata import beside
from studio.core.error import UserError
from studio.core.translation import N_, _, translate
from studio.registry.target import Opening
from studio.shell.export.exporter import Wish, thumbnail_of
from studio.shell.made.page import MadePage
from studio.shell.made.store import Made, MadeStore
from studio.shell.session.service import Services
from studio.shell.window.window import MainWindow
from studio.widgets.question import ask
from studio.widgets.task_scope import TaskScope


class MadeDesk(QObject):
    """What was made with one window, and with all before it."""

    def __init__(self, services: Services, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._catalog = services.catalog
        self._report = services.report
        self._window = window
        self._store = MadeStore(folder)
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._tasks.failed.connect(self._on_failed)
        self.page: MadePage | None = None
        window.exporter.saved.connect(self._on_saved)

    def commands(self) -> tuple[Command, ...]:
        """What shows the page."""
        text = N_("Lists all that you exported; each opens again where it was made.")
        return (Command("studio.made", N_("What you made"), self.show, ("Ctrl+G",), FILE, None, text),)

    def show(self) -> None:
        """Bring the page to the front."""
        if self.page is None:
            self.page = MadePage()
            self.page.open_requested.connect(self._on_open_wanted)
            self.page.folder_requested.connect(self._on_folder_wanted)
            self.page.delete_requested.connect(self._on_delete_wanted)
            self.page.destroyed.connect(self._on_page_gone)
            self._window.tabs.open_page(self.page, _("What you made"))
        else:
            self._window.tabs.show_page(self.page)
        self._change(lambda: None)

    def _change(self, change: Callable[[], None]) -> None:
        """Change the list on the Worker, and show it as it is then."""

        def work() -> list[Made]:
            change()
            return self._store.all()

        self._tasks.run("made", work, Policy.QUEUE, done=self._on_listed)

    def _on_listed(self, made: list[Made]) -> None:
        if self.page is not None:
            titles = {model.id: translate(model.title) for model in self._catalog.list_models()}
            self.page.show_made(made, titles)

    def _on_saved(self, path: Path, wish: Wish) -> None:
        self._change(lambda: self._store.add(path.absolute(), wish.clip.made_from(), thumbnail_of(wish.clip)))

    def _on_open_wanted(self, made: Made) -> None:
        if made.path.is_file():
            self._window.opener.open_path(made.path)
            return
        try:
            model, values = self._catalog.find_model(made.model_id), made.made_from
            params = {**values.get("params", {}), "seed": values.get("seed", 0)}
            self._window.opener.open_opening(Opening(model.source, model.title, params, values.get("state", {})))
        except UserError as error:
            self._on_failed(error)

    def _on_folder_wanted(self, made: Made) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(made.path.parent)))

    def _on_delete_wanted(self, made: Made) -> None:
        question = _("Delete {name}?").format(name=made.path.name)
        where = _("The file in {folder} goes to the bin of this computer where it has one, and is deleted otherwise.")
        agreed = partial(self._change, partial(self._delete, made))
        text = where.format(folder=made.path.parent)
        ask(self._window, "ask_delete_made", question, text, (_("Delete"), _("Keep")), agreed)

    def _delete(self, made: Made) -> None:
        _throw_away(made.path)
        if made.path.suffix == ".txt":  # what made it stands beside it
            _throw_away(beside(made.path))
        self._store.forget(made)

    def _on_page_gone(self) -> None:
        self.page = None

    def _on_failed(self, error: BaseException) -> None:
        if isinstance(error, UserError):
            self._window.show_error(error)
        else:
            self._report(error)


def _throw_away(path: Path) -> None:
    """Put a file into the bin, or delete it where there is none; raises UserError where neither can be."""
    if not path.is_file() or QFile(str(path)).moveToTrash():
        return
    try:
        path.unlink()
    except OSError as error:
        raise UserError(N_("“{name}” could not be deleted.").format(name=path.name)) from error
