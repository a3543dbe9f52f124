"""The colours that a person can dab and fill with."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from studio.api.panel import theme
from studio.core.text import N_, translate

from .draw_stroke import Colour

COLOURS: Final[dict[str, Colour]] = {
    N_("Red"): (248, 49, 47),
    N_("Orange"): (255, 130, 45),
    N_("Yellow"): (252, 213, 63),
    N_("Green"): (0, 190, 100),
    N_("Light blue"): (38, 201, 252),
    N_("Blue"): (0, 116, 186),
    N_("Purple"): (141, 101, 197),
    N_("Pink"): (255, 130, 190),
    N_("Brown"): (140, 85, 67),
    N_("Grey"): (155, 155, 160),
    N_("Black"): (50, 35, 62),
    N_("White"): (250, 250, 252),
}
_SIDE_PX: Final = 22
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Swatch(QAbstractButton):
    """One colour; a ring shows that it is the chosen one."""

    def __init__(self, name: str, colour: Colour, parent: QWidget) -> None:
        super().__init__(parent)
        self.colour = colour
        self.setCheckable(True)
        self.setAccessibleName(translate(name))
        self.setToolTip(translate(name))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A small square."""
        return QSize(_SIDE_PX, _SIDE_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; arrows belong to the row, Space to play and pause."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the colour, and around it a ring where it is chosen or has the keys."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, colour = QRectF(self.rect()), theme().colour
        painter.setPen(QPen(QColor(colour.control_border), 1))
        painter.setBrush(QColor(*self.colour))
        painter.drawEllipse(rect.adjusted(3.5, 3.5, -3.5, -3.5))
        if self.isChecked() or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.text_strong), 2))
            painter.drawEllipse(rect.adjusted(1, 1, -1, -1))


class Swatches(QWidget):
    """All colours in a row, of which at most one is chosen; the arrow keys go from one to the next.

    Signals: colour_chosen((red, green, blue)).
    """

    colour_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_colours")
        self.setAccessibleName(translate(N_("Colour")))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.swatches = [Swatch(name, colour, self) for name, colour in COLOURS.items()]
        for swatch in self.swatches:
            swatch.clicked.connect(self._on_clicked)
            row.addWidget(swatch)
        row.addStretch(1)

    def set_colour(self, colour: Colour, is_used: bool) -> None:
        """Mark the colour in hand; none where no tool uses it. Emits nothing."""
        marked = next((one for one in self.swatches if one.colour == colour), None)
        for swatch in self.swatches:
            swatch.setChecked(is_used and swatch is marked)
            is_stop = swatch is (marked or self.swatches[0])  # one stop of the tabulator for the whole row
            swatch.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_stop else Qt.FocusPolicy.ClickFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the neighbour and choose it."""
        step = _ALONG.get(Qt.Key(event.key()))
        focused = next((index for index, one in enumerate(self.swatches) if one.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        swatch = self.swatches[(focused + step) % len(self.swatches)]
        swatch.setFocus(Qt.FocusReason.TabFocusReason)
        self.colour_chosen.emit(swatch.colour)

    def _on_clicked(self) -> None:
        swatch = self.sender()
        if isinstance(swatch, Swatch):
            self.colour_chosen.emit(swatch.colour)
