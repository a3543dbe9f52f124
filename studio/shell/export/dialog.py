"""The dialog in which a person chooses what to export, as what, how, and where to."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.translation import N_, _, translate
from studio.render.export.format import ExportFormat, shows_picture
from studio.render.export.plot import draw_plot, plot_in
from studio.shell.export.form import ExportForm
from studio.shell.export.memory import ExportChoice
from studio.shell.export.name import ExportName
from studio.shell.export.preview import ExportPreview
from studio.shell.export.source import ExportSource
from studio.shell.export.trial import ByteArray, Estimate, estimate, preview
from studio.widgets.controls.button import Button
from studio.widgets.controls.chip import ChipFlow
from studio.widgets.controls.label import ElidedLabel, Label
from studio.widgets.controls.model_picker import bytes_text
from studio.widgets.dialog_size import dialog_size
from studio.widgets.task_scope import TaskScope
from studio.widgets.theme import theme

SETTLE_MS: Final = 200
WIDTH_PX, HEIGHT_PX = 780, 540


class ExportDialog(QDialog):
    """Signals: export_requested(ExportChoice, Path, may_replace) once, when the person agreed."""

    export_requested = Signal(object, object, bool)

    def __init__(self, source: ExportSource, choice: ExportChoice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Export"))
        self.setObjectName("export_dialog")
        self._source = source
        self._kinds = source.formats
        self._tasks: TaskScope | None = None
        self._pictures: list[ByteArray] = []
        self._is_taken = False
        self.kinds = ChipFlow("export_format", [translate(kind.title) for kind in self._kinds], _("Format"))
        self.preview = ExportPreview()
        self.form = ExportForm(choice.options, source)
        self.name = ExportName(source.stem, choice.folder_path)
        self.about = Label()
        self.about.setProperty("role", "muted")
        self.cost = ElidedLabel(role="muted")
        self.cost.setObjectName("export_cost")
        self.cancel = Button(N_("Cancel"))
        self.export = Button(N_("Export"), kind="primary")
        self.export.setObjectName("export_now")
        self.export.setDefault(True)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._lay_out()
        self._connect()
        self.kinds.set_current(translate(self._first_kind(choice.format_id).title))
        self._show_kind()

    def _first_kind(self, remembered: str) -> ExportFormat:
        """The format of the last time, where it fits; a path is taken home as a film."""
        kind = next((kind for kind in self._kinds if kind.id == remembered), self._kinds[0])
        is_still = self._source.is_path and not kind.is_animated
        return next((kind for kind in self._kinds if kind.is_animated), kind) if is_still else kind

    def _lay_out(self) -> None:
        grid = theme().size.grid
        hint = Label(_("Drag the picture out of the window to save it as a PNG."))
        hint.setProperty("role", "small")
        hint.setWordWrap(True)
        hint.setVisible(shows_picture(self._source.frame))
        left, right, middle, last = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        layout = QVBoxLayout(self)
        left.addWidget(self.preview)
        left.addWidget(hint)
        left.addStretch(1)
        right.addWidget(self.form, 1)
        right.addWidget(_line())
        right.addWidget(self.name)
        middle.addLayout(left)
        middle.addLayout(right, 1)
        last.addWidget(self.cost, 1)
        last.addWidget(self.cancel)
        last.addWidget(self.export)
        layout.setContentsMargins(6 * grid, 5 * grid, 6 * grid, 5 * grid)
        layout.setSpacing(4 * grid)
        middle.setSpacing(6 * grid)
        right.setSpacing(3 * grid)
        for part in (self.kinds, self.about):
            layout.addWidget(part)
        layout.addLayout(middle, 1)
        layout.addLayout(last)
        left.setSpacing(2 * grid)
        # Qt counts chips as if each stood on a line of its own; here they have room for one or two lines.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setMinimumSize(dialog_size(self, WIDTH_PX, HEIGHT_PX))
        self.resize(self.minimumSize())

    def _connect(self) -> None:
        self.kinds.chosen.connect(self._on_kind_chosen)
        self.form.changed.connect(self._on_changed)
        self.name.changed.connect(self._check_name)
        self.name.wanted.connect(self._on_export_clicked)
        self.cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self._on_export_clicked)
        self._settle.timeout.connect(self._try_out)

    def start(self, tasks: TaskScope) -> None:
        """Compute previews and estimates with `tasks`, whose owner is this dialog."""
        self._tasks = tasks
        tasks.failed.connect(self._on_trial_failed)
        self._check_name()
        self._try_out()

    @property
    def kind(self) -> ExportFormat:
        """The chosen format."""
        return next(kind for kind in self._kinds if translate(kind.title) == self.kinds.current())

    def choice(self) -> ExportChoice:
        """What is chosen now."""
        return ExportChoice(self.kind.id, self.form.options(), str(self.name.folder))

    def _show_kind(self) -> None:
        kind = self.kind
        self.about.setText(translate(kind.help))
        self.form.show_kind(kind)
        self.name.set_suffix(kind.suffix)

    def _on_kind_chosen(self, text: str) -> None:
        self._show_kind()
        self._on_changed()

    def _on_changed(self) -> None:
        self.cost.setText("")
        self._settle.start()

    # What is tried out on the Worker

    def _try_out(self) -> None:
        if self._tasks is None:
            return
        kind = self.kind
        clip, options = self._source.film_for(kind, self.form.options())
        self._pictures = []
        self.preview.clear()
        plot = plot_in(self._source.frame) if kind.id == "svg" else None
        if plot is not None:
            self.preview.show_drawing(draw_plot(plot, options.background, clip.made_from()))
        else:
            pictures = self._pictures
            self._tasks.run(
                "preview",
                lambda: preview(kind, clip, options, pictures),
                Policy.RESTART,
                event=self._on_pictures_made,
                done=self._on_pictures_done,
            )
        self._tasks.run("estimate", lambda: estimate(kind, clip, options), Policy.RESTART, done=self._on_estimated)

    def _on_pictures_made(self, progress: object) -> None:
        self.preview.show_pictures(list(self._pictures))

    def _on_pictures_done(self, result: object) -> None:
        self.preview.show_pictures(list(self._pictures))
        clip, options = self._source.film_for(self.kind, self.form.options())
        is_looped = options.is_looped or not self.kind.has_loop
        self.preview.play(clip.n_frames / options.fps_of(clip), is_looped)

    def _on_estimated(self, found: Estimate) -> None:
        about = N_("{size}, {time}") if found.is_exact else N_("About {size}, {time}")
        if 0 < self.kind.max_bytes < found.n_bytes:
            about = N_("About {size}: too large. Choose a smaller size or fewer frames.")
        self.cost.setText(translate(about).format(size=bytes_text(found.n_bytes), time=time_text(found.seconds)))

    def _on_trial_failed(self, error: BaseException) -> None:
        if isinstance(error, UserError):
            self.cost.setText(f"{translate(error.title)} {translate(error.what_to_do)}".strip())

    # Where it goes

    def _check_name(self) -> None:
        path = self.name.path
        self.export.setEnabled(path is not None)
        if self._tasks is not None and path is not None:
            self._tasks.run("name", lambda: (path, path.exists(), path.parent.is_dir()), done=self._on_name_checked)

    def _on_name_checked(self, found: tuple[Path, bool, bool]) -> None:
        path, self._is_taken, has_folder = found
        if path != self.name.path:
            return
        warning = ""
        if not has_folder:
            warning = _("This folder does not exist.")
        elif self._is_taken:
            warning = _("A file of this name already exists. It will be replaced.")
        self.name.warning.setText(warning)
        self.export.setText(_("Replace") if self._is_taken else _("Export"))
        self.export.setEnabled(has_folder)

    def _on_export_clicked(self) -> None:
        path = self.name.path
        if path is None or not self.export.isEnabled():
            return
        self.export_requested.emit(self.choice(), path, self._is_taken)
        self.accept()


def time_text(seconds: float) -> str:
    """A time as people read it: "3 s", "2 min"."""
    if seconds < 1:
        return _("under a second")
    if seconds < 90:
        return _("{n} s").format(n=round(seconds))
    return _("{n} min").format(n=round(seconds / 60))


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("role", "line")
    line.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return line
