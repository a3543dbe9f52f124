"""Large pictures to click, side by side, as many as there is room for."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.widgets.controls.label import Label
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.picture_button import PictureButton
from studio.widgets.theme import theme

GAP_PX = 20


class PictureRow(QWidget):
    """A heading and the pictures below it; hidden while there are none. Signals: chosen(str), the id of the entry."""

    chosen = Signal(str)

    def __init__(self, title: str, least_px: int, max_columns: int, n_lines: int) -> None:
        """`least_px` is the least width of a picture, `n_lines` what its sentence has room for."""
        super().__init__()
        self._least_px = least_px
        self._max_columns = max_columns
        self._n_lines = n_lines
        self._n_columns = 0
        self.buttons: list[PictureButton] = []
        heading = Label(title)
        heading.setProperty("role", "title")
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addLayout(self._grid)
        self.hide()

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Have these in place of what was there."""
        for old in self.buttons:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.buttons = [PictureButton(choice, self._n_lines) for choice in choices]
        for button in self.buttons:
            button.clicked.connect(self._on_clicked)
        self._arrange()
        self.setVisible(bool(choices))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many side by side as the width allows."""
        super().resizeEvent(event)
        if self._columns_that_fit() != self._n_columns:
            self._arrange()

    def _columns_that_fit(self) -> int:
        return min(max(self.width() // theme().scaled(self._least_px), 1), self._max_columns)

    def _arrange(self) -> None:
        for column in range(self._n_columns):
            self._grid.setColumnStretch(column, 0)
        self._n_columns = self._columns_that_fit()
        for place, button in enumerate(self.buttons):
            self._grid.addWidget(button, place // self._n_columns, place % self._n_columns)
        for column in range(self._n_columns):
            self._grid.setColumnStretch(column, 1)

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, PictureButton):
            self.chosen.emit(button.choice.entry.id)
