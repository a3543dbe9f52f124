"""Large pictures to click, side by side, as many as there is room for."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.widgets.controls.label import Label, set_tip
from studio.widgets.gallery.choice import Choice
from studio.widgets.gallery.delegate import HEADING_PX, PADDING_PX, draw_tile
from studio.widgets.theme import theme

GAP_PX = 20
_SHAPE: Final = 0.5  # height of the picture over its width


class PictureButton(QAbstractButton):
    """Does what its choice does; its height follows from its width."""

    def __init__(self, choice: Choice, n_lines: int = 2, parent: QWidget | None = None) -> None:
        """`n_lines` of the sentence have room, none with 0."""
        super().__init__(parent)
        self.choice = choice
        self._n_lines = n_lines
        self.setObjectName(choice.entry.id)
        self.setAccessibleName(choice.short_name)
        self.setAccessibleDescription(choice.sentence or choice.kind)
        set_tip(self, choice.sentence or choice.entry.keywords)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._on_clicked)

    def sizeHint(self) -> QSize:
        """As high as its width asks for."""
        width_px = max(self.width(), 120)
        return QSize(width_px, self._picture_px(width_px).height() + self._words_px())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay in shape."""
        super().resizeEvent(event)
        self.setFixedHeight(self._picture_px(self.width()).height() + self._words_px())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what a click does, as Space does by itself."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Go out."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the choice, lit up under the mouse and where the focus is."""
        painter = QPainter(self)
        is_lit = self.underMouse() or self.hasFocus()
        whole = QRectF(self.rect()).adjusted(-PADDING_PX, -PADDING_PX, PADDING_PX, 0)  # the picture has all the width
        draw_tile(painter, whole, self.choice, self._picture_px(self.width()), is_lit, self._n_lines)

    def _picture_px(self, width_px: int) -> QSize:
        return QSize(width_px, round(width_px * _SHAPE))

    def _words_px(self) -> int:
        look = theme()
        lines_px = self._n_lines * QFontMetrics(look.font("small")).lineSpacing()
        return PADDING_PX + 6 + look.scaled(HEADING_PX) + (lines_px + 4 if self._n_lines else 0)

    def _on_clicked(self) -> None:
        self.choice.run()


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
