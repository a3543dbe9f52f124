"""A sheet of pictures instead of the canvas: what other settings, samplers or seeds would have made."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from studio.api.panel import Button, ElidedLabel, Label, named_button
from studio.core.translation import N_, _

from .tile_grid import StudyTile, TileGrid


class StudySheet(QWidget):
    """A title, the tiles, and what can be done with the chosen one. Escape and the cross close it.

    Signals:
        picked(index): the person wants to go on with this one.
        cancel_requested(): make no more of them.
        closed(): show the canvas again.
    """

    picked = Signal(int)
    cancel_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip_view")
        self._is_running = False
        self.title = Label()
        self.title.setProperty("role", "title")
        self.note = ElidedLabel(role="small")
        self.grid = TileGrid()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.status = Label()
        self.status.setProperty("role", "small")
        self.take = named_button("strip_take", N_("Go on with this one"), kind="primary")
        self.stop = named_button("strip_stop", N_("Stop"))
        self.close_button = Button(kind="quiet", icon_name="close", hint=N_("Back to the picture"))
        self.close_button.setToolTip(_("Back to the picture (Escape)"))
        self.close_button.setObjectName("strip_close")
        self._lay_out()
        self.grid.chosen.connect(self._show_buttons)
        self.grid.taken.connect(self.picked)
        self.take.clicked.connect(lambda: self.picked.emit(self.grid.chosen_index()))
        self.stop.clicked.connect(self.cancel_requested)
        self.close_button.clicked.connect(self.closed)
        self.set_progress(None)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.note)
        top = QHBoxLayout()
        top.addLayout(words, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.status)
        below.addWidget(self.bar, 1)
        below.addStretch(0)
        below.addWidget(self.stop)
        below.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.grid, 1)
        column.addLayout(below)

    def set_sheet(self, title: str, note: str, tiles: Sequence[StudyTile], n_columns: int, chosen: int = -1) -> None:
        """Show another sheet. Emits nothing."""
        self.title.setText(title)
        self.note.setText(note)
        self.note.setToolTip(note)
        self.grid.setAccessibleName(title)
        self.grid.set_tiles(tiles, n_columns, chosen)
        self._show_buttons()

    def set_tile(self, index: int, tile: StudyTile) -> None:
        """One of the tiles has changed. Emits nothing."""
        self.grid.set_tile(index, tile)
        self._show_buttons()

    def set_progress(self, progress: tuple[int, int] | None) -> None:
        """How many of all steps are done; None while nothing runs. Emits nothing."""
        self._is_running = progress is not None
        self.bar.setVisible(self._is_running)
        self.stop.setVisible(self._is_running)
        if progress is not None:
            done, n = progress
            self.bar.setRange(0, max(n, 1))
            self.bar.setValue(done)
            self.status.setText(_("{percent:.0f} % done").format(percent=100 * done / max(n, 1)))
        else:
            self.status.setText("")
        self._show_buttons()

    def showEvent(self, event: QShowEvent) -> None:
        """The arrow keys go from picture to picture at once."""
        super().showEvent(event)
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings the canvas back; it leaves what is being made to itself."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _show_buttons(self) -> None:
        index = self.grid.chosen_index()
        has_picture = 0 <= index < len(self.grid) and not self.grid.tile(index).image.isNull()
        self.take.setEnabled(has_picture)
