"""Asks for a folder, or a file where one is enough, and says at once what in it can be learnt from."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from studio.api.engine import FileRecipe, FolderFinding, FolderRecipe
from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.translation import N_, _, plural, translate
from studio.shell.session.service import Services
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.task_scope import TaskScope
from studio.widgets.theme import theme

if TYPE_CHECKING:
    from studio.datasets.progress import Progress

TYPING_PAUSE_MS = 400
SIZE_PX = 64  # what recipes mostly read, who then find the pictures ready
_PER_MILLE = 1000
_INVITATION = N_("Choose or drop a folder of pictures. They can be of any size.")


class FolderField(QWidget):
    """Looks into the folder on the Worker.

    Signals: changed() when it is another folder, or more is known of it; dropped(Path) of a folder, to be set.
    """

    changed = Signal()
    dropped = Signal(object)

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = TaskScope(self, services.worker, services.dispatcher)
        self._problem = ""
        self._recipe: FolderRecipe | None = None
        self.setAcceptDrops(True)
        self.line = QLineEdit()
        self.line.setObjectName("train_folder")
        self.line.setPlaceholderText(_("Folder to learn from"))
        self.line.setAccessibleName(_("Folder to learn from"))
        self.line.textEdited.connect(self._on_text_edited)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.choose_button = Button(N_("Choose…"), icon_name="open")
        self.choose_button.setObjectName("train_choose_folder")
        self.choose_button.clicked.connect(self._ask)
        self.file_button = Button(N_("Choose a file…"))
        self.file_button.setObjectName("train_choose_file")
        self.file_button.clicked.connect(self._ask_for_file)
        self.file_button.hide()  # until a recipe learns from one
        self._said = Label()
        self._said.setWordWrap(True)
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(_("Looking through the folder"))
        self.cancel_button = Button(N_("Stop looking"), kind="link")
        self.cancel_button.clicked.connect(self._on_cancel_clicked)
        self.skipped_button = Button("", kind="link")
        self.skipped_button.setObjectName("train_skipped")
        self.skipped_button.clicked.connect(self._on_skipped_clicked)
        self.skipped_list = QPlainTextEdit()
        self.skipped_list.setReadOnly(True)
        self.skipped_list.setProperty("role", "mono")
        self.skipped_list.setAccessibleName(_("Files left out"))
        self.skipped_list.setFixedHeight(theme().scaled(96))
        self._lay_out()
        self._show("", translate(_INVITATION))

    def _lay_out(self) -> None:
        row, looking = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.choose_button)
        row.addWidget(self.file_button)
        looking.addWidget(self._progress, 1)
        looking.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().size.grid)
        column.addLayout(row)
        column.addWidget(self._said)
        column.addLayout(looking)
        column.addWidget(self.skipped_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.skipped_list)

    @property
    def path(self) -> str:
        """The folder, as it was typed or chosen."""
        return self.line.text().strip()

    def problem(self) -> str:
        """Why the folder cannot be used, in a sentence; empty where it can."""
        return self._problem

    def set_path(self, path: Path) -> None:
        """Take this folder and look into it."""
        self.line.setText(str(path))
        self._look()

    def use(self, recipe: FolderRecipe | None) -> None:
        """Let this recipe look into the folder; None for a look at all pictures in it."""
        if recipe is not self._recipe:
            self._recipe = recipe
            self.file_button.setVisible(bool(self._file_suffixes))
            self._look()

    def close_work(self) -> None:
        """Stop looking: the dialog goes."""
        self._tasks.close()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a folder."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take a file that the recipe learns from; else tell which folder was dropped, or that of a dropped picture."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                event.acceptProposedAction()
                path = Path(url.toLocalFile())
                if path.is_file() and path.suffix.lower() in self._file_suffixes:
                    self.set_path(path)
                else:
                    self.dropped.emit(path if path.is_dir() else path.parent)
                return

    @property
    def _file_suffixes(self) -> tuple[str, ...]:
        return self._recipe.file_suffixes if isinstance(self._recipe, FileRecipe) else ()

    def _ask(self) -> None:
        start = self.path or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, _("Folder to learn from"), start)
        if chosen:
            self.set_path(Path(chosen))

    def _ask_for_file(self) -> None:
        kinds = _("Files to learn from ({kinds})").format(kinds=" ".join(f"*{one}" for one in self._file_suffixes))
        start = self.path or str(Path.home())
        chosen, _filter = QFileDialog.getOpenFileName(self, _("File to learn from"), start, kinds)
        if chosen:
            self.set_path(Path(chosen))

    def _on_text_edited(self) -> None:
        self._show(N_("Looking through the folder…"), "")
        self._pause.start()

    def _look(self) -> None:
        self._pause.stop()
        self._tasks.cancel("scan")
        if not self.path:
            self._show("", translate(_INVITATION if self._recipe is None else self._recipe.invitation))
            return
        self._show(N_("Looking through the folder…"), "", is_looking=True)
        path = Path(self.path).expanduser()
        look = _look_at_pictures if self._recipe is None else self._recipe.look_into
        self._tasks.run(
            "scan",
            lambda: look(path),
            Policy.RESTART,
            event=self._on_progress,
            done=self._on_scanned,
            failed=self._on_failed,
        )

    def _on_progress(self, progress: "Progress") -> None:
        self._progress.setRange(0, _PER_MILLE if progress.fraction > 0 else 0)
        self._progress.setValue(round(progress.fraction * _PER_MILLE))
        self._said.setText(translate(progress.sentence))

    def _on_scanned(self, found: FolderFinding) -> None:
        self._show("", translate(found.sentence), found)

    def _on_failed(self, error: BaseException) -> None:
        if not isinstance(error, UserError):
            raise error
        self._show(f"{translate(error.title)} {translate(error.what_to_do)}".strip(), "")

    def _on_cancel_clicked(self) -> None:
        self._tasks.cancel("scan")
        self._show(N_("The folder was not fully searched. Choose it again."), "")

    def _on_skipped_clicked(self) -> None:
        self.skipped_list.setVisible(self.skipped_list.isHidden())

    def _show(self, problem: str, text: str, found: FolderFinding | None = None, is_looking: bool = False) -> None:
        """Say what is known of the folder; `problem` is why it cannot be used as it is."""
        needs = _("Choose the folder to learn from.")
        self._problem = translate(problem) or ("" if found is not None else needs)
        is_wrong = bool(problem) and not is_looking
        self._said.setText(translate(problem) or text)
        self._said.setProperty("role", "problem" if is_wrong else "small")
        self._said.style().polish(self._said)
        self._progress.setRange(0, 0)
        self._progress.setVisible(is_looking)
        self.cancel_button.setVisible(is_looking)
        n_skipped = found.n_left_out if found is not None else 0
        self.skipped_button.setVisible(n_skipped > 0)
        self.skipped_button.setText(plural(N_("{n} file was left out"), N_("{n} files were left out"), n_skipped))
        self.skipped_list.setPlainText("\n".join(found.left_out if found is not None else ()))
        self.skipped_list.hide()
        self.changed.emit()


def _look_at_pictures(path: Path) -> "Generator[Progress, None, FolderFinding]":
    """Read every picture; the readers are loaded on the Worker, when they are first needed."""
    from studio.api.own_folder import usable_pictures
    from studio.datasets.folder.pictures import load_folder

    return usable_pictures((yield from load_folder(path, SIZE_PX)))
