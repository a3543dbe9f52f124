"""Where an exported file goes: its name, its folder, and whether something is there already."""

from pathlib import Path

from PySide6.QtCore import QDir, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.core.translation import N_, _
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import ElidedLabel, Label, NameLabel, set_tip
from studio.widgets.theme import theme


class ExportName(QWidget):
    """Name without its ending, folder, and a word of warning. Signals: changed(), wanted() at Enter in the name."""

    changed = Signal()
    wanted = Signal()

    def __init__(self, stem: str, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._suffix = Label()
        self._suffix.setProperty("role", "muted")
        self.field = QLineEdit(stem)
        self.field.setObjectName("export_name")
        self.field.setAccessibleName(_("File name"))
        self.field.textEdited.connect(self.changed)
        self.field.returnPressed.connect(self.wanted)
        self._folder_label = ElidedLabel(role="muted")
        self.choose = Button(N_("Choose…"), "secondary", "open", N_("Choose the folder"))
        self.choose.setObjectName("export_folder")
        self.choose.clicked.connect(self._on_choose_clicked)
        self.warning = ElidedLabel(role="problem")
        self.warning.setObjectName("export_warning")
        self._lay_out()
        self._show_folder()

    def _lay_out(self) -> None:
        grid = theme().size.grid
        first, second, layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for line in (first, second, layout):
            line.setSpacing(2 * grid)
        first.addWidget(NameLabel(_("Name")))
        first.addWidget(self.field, 1)
        first.addWidget(self._suffix)
        second.addWidget(NameLabel(_("Folder")))
        second.addWidget(self._folder_label, 1)
        second.addWidget(self.choose)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self.warning)

    @property
    def folder(self) -> Path:
        """Where the file goes."""
        return self._folder

    @property
    def path(self) -> Path | None:
        """The whole path, None where there is no name."""
        name = self.field.text().strip().removesuffix(self._suffix.text())
        return self._folder / f"{name}{self._suffix.text()}" if name and "/" not in name and "\\" not in name else None

    def set_suffix(self, suffix: str) -> None:
        """Show the ending that the format has."""
        self._suffix.setText(suffix)
        self.changed.emit()

    def set_folder(self, folder: Path) -> None:
        """Show another folder."""
        self._folder = folder
        self._show_folder()
        self.changed.emit()

    def _show_folder(self) -> None:
        shown = QDir.toNativeSeparators(str(self._folder))
        self._folder_label.setText(shown)
        set_tip(self._folder_label, shown)

    def _on_choose_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("Choose the folder"), str(self._folder))
        if folder:
            self.set_folder(Path(folder))
