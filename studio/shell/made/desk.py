"""Keeps the list of what was exported, shows it as a page, and does what is asked for there."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFile, QObject, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.commands.command import FILE, Command
from studio.compute.job import Policy
from studio.core.container.json_metadata import beside
from studio.core.error import UserError
from studio.core.translation import N_, _, plural, translate
from studio.registry.target import Opening
from studio.shell.export.exporter import Wish, thumbnail_of
from studio.shell.made.store import Made, MadeStore
from studio.shell.session.service import Services
from studio.shell.window.window import MainWindow
from studio.widgets.controls.button import Button
from studio.widgets.controls.flow import FlowLayout
from studio.widgets.controls.label import ElidedLabel, Label, set_tip
from studio.widgets.question import ask
from studio.widgets.task_scope import TaskScope
from studio.widgets.theme import theme

MARGIN_PX: Final = 60
PICTURE_PX: Final = 160
CARD_PX: Final = 200
MAX_SHOWN: Final = 60


class MadePage(QScrollArea):
    """Signals: open_requested(Made), folder_requested(Made), delete_requested(Made).

    Attributes:
        cards: those that are shown.
    """

    open_requested = Signal(object)
    folder_requested = Signal(object)
    delete_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setObjectName("made_page")
        self.cards: list[MadeCard] = []
        self._made: Sequence[Made] = ()
        self._titles: Mapping[str, str] = {}
        heading = Label(_("What you made"))
        heading.setProperty("role", "heading")
        self.search = QLineEdit()
        self.search.setObjectName("made_search")
        self.search.setPlaceholderText(_("Search by name, model or prompt"))
        self.search.setAccessibleName(_("Search what you made"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(theme().scaled(2 * CARD_PX))
        self.search.textChanged.connect(self._show_found)
        self.note = Label()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self._cards = FlowLayout(gap_px=16)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN_PX, 32, MARGIN_PX, 32)
        column.setSpacing(12)
        for part in (heading, self.search, self.note):
            column.addWidget(part)
        column.addLayout(self._cards)
        column.addStretch(1)
        self.setWidget(page)

    def show_made(self, made: Sequence[Made], titles: Mapping[str, str]) -> None:
        """Show these, the newest first; `titles` are those of the models that are here, by their ids."""
        self._made, self._titles = made, titles
        self._show_found()

    def _show_found(self) -> None:
        words = self.search.text().lower().split()
        found = [one for one in self._made if all(word in self._words(one) for word in words)]
        while (old := self._cards.takeAt(0)) is not None:
            gone = old.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        self.cards = [self._card(made) for made in found[:MAX_SHOWN]]
        for card in self.cards:
            self._cards.addWidget(card)
        self.note.setText(self._note(len(found)))

    def _words(self, made: Made) -> str:
        return f"{made.words} {self._titles.get(made.model_id, '').lower()}"

    def _note(self, n_found: int) -> str:
        if not self._made:
            return _("Nothing yet. What you export is listed here, with what made it.")
        if not n_found:
            return _("Nothing that you made has these words.")
        n_more = n_found - MAX_SHOWN
        if n_more > 0:
            return plural(N_("{n} more: search to find it."), N_("{n} more: search to find them."), n_more)
        return ""

    def _card(self, made: Made) -> "MadeCard":
        card = MadeCard(made, self._titles.get(made.model_id, made.model_id))
        card.open_requested.connect(self.open_requested)
        card.folder_requested.connect(self.folder_requested)
        card.delete_requested.connect(self.delete_requested)
        return card


class MadeCard(QFrame):
    """One exported file. Signals: open_requested(Made), folder_requested(Made), delete_requested(Made)."""

    open_requested = Signal(object)
    folder_requested = Signal(object)
    delete_requested = Signal(object)

    def __init__(self, made: Made, title: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setObjectName(f"made_{made.id}")
        self.setFixedWidth(theme().scaled(CARD_PX))
        picture = Label()
        picture.setFixedHeight(PICTURE_PX)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        pixmap = QPixmap()
        if pixmap.loadFromData(made.thumbnail):
            size, mode = QSize(CARD_PX - 24, PICTURE_PX), Qt.AspectRatioMode.KeepAspectRatio
            picture.setPixmap(pixmap.scaled(size, mode, Qt.TransformationMode.SmoothTransformation))
        else:
            picture.setText(made.path.suffix.removeprefix(".").upper())
        name = ElidedLabel(made.path.name, "strong")
        set_tip(name, str(made.path))
        self.open = Button(N_("Open"))
        self.open.setAccessibleName(_("Open {name}").format(name=made.path.name))
        self.folder = Button(kind="quiet", icon_name="open", hint=N_("Show in folder"))
        self.delete = Button(kind="quiet", icon_name="trash", hint=N_("Delete…"))
        for button, wish in (
            (self.open, self.open_requested),
            (self.folder, self.folder_requested),
            (self.delete, self.delete_requested),
        ):
            button.clicked.connect(lambda _checked=False, wish=wish: wish.emit(made))
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.open)
        row.addStretch(1)
        row.addWidget(self.folder)
        row.addWidget(self.delete)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(4)
        for part in (picture, name, ElidedLabel(title, "small")):
            column.addWidget(part)
        column.addLayout(row)


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
