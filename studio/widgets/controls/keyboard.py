"""Two octaves of piano keys, for the mouse and for the keys of the computer."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.sound.note import note_name
from studio.core.translation import _
from studio.widgets.controls.label import show_tip
from studio.widgets.spoken_role import PICTURE
from studio.widgets.theme import hue_of, theme

_HEIGHT_PX: Final = 84
_WHITE: Final = (0, 2, 4, 5, 7, 9, 11)
_BLACK_SHARE: Final = 0.62  # of the length of a white key
_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -12, Qt.Key.Key_Up: 12}


class KeyboardView(QWidget):
    """Shows which note is chosen.

    Signals:
        note_chosen(number): a key was clicked, or reached with the arrow keys (up and down: an octave), or Enter
            struck it again. Dragging over the keys chooses each.
    """

    spoken_role = PICTURE

    note_chosen = Signal(int)

    def __init__(self, pitches: range, parent: QWidget | None = None) -> None:
        """Take the notes, as MIDI counts them; the lowest and the highest are white keys."""
        super().__init__(parent)
        self._pitches = pitches
        self._current: int | None = None
        self._places = key_places(pitches)
        self.setObjectName("keyboard")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Keyboard"))
        self._tell()

    @property
    def current(self) -> int | None:
        """The chosen note."""
        return self._current

    def set_current(self, number: int | None) -> None:
        """Mark a note, or none; emits nothing."""
        if number != self._current:
            self._current = number if number in self._pitches else None
            self._tell()
            self.update()

    def key_rect(self, number: int) -> QRectF:
        """Where a key lies on the widget."""
        left, width, is_black = self._places[number]
        height = self.height() * (_BLACK_SHARE if is_black else 1.0)
        return QRectF(left * self.width(), 0, width * self.width(), height)

    def note_at(self, place: QPointF) -> int | None:
        """The note of the key at a place; black keys lie above the white ones."""
        numbers = sorted(self._places, key=lambda number: not self._places[number][2])
        return next((number for number in numbers if self.key_rect(number).contains(place)), None)

    def sizeHint(self) -> QSize:
        """As wide as the inspector."""
        return QSize(theme().scaled(308), theme().scaled(_HEIGHT_PX))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a key, the present one too: it sounds again."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose(self.note_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Name the key under the pointer; with the button down, choose it."""
        number = self.note_at(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and number != self._current:
            self._choose(number)
        show_tip(event.globalPosition().toPoint(), "" if number is None else note_name(number), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go to other notes, Enter strikes the present one."""
        key = Qt.Key(event.key())
        before = self._pitches[0] if self._current is None else self._current
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(before)
        elif key in _STEPS:
            wanted = before + _STEPS[key]
            self._choose(wanted if wanted in self._pitches else None)
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int | None) -> None:
        if number is not None:
            self.set_current(number)
            self.note_chosen.emit(number)

    def _tell(self) -> None:
        text = _("No note") if self._current is None else note_name(self._current)
        self.setAccessibleDescription(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the white keys, then the black ones above them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for wants_black in (False, True):
            for number, (_first, _last, is_black) in self._places.items():
                if is_black is wants_black:
                    self._paint_key(painter, number, is_black)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)

    def _paint_key(self, painter: QPainter, number: int, is_black: bool) -> None:
        colour, hue, rect = theme().colour, hue_of(self), self.key_rect(number)
        is_current = number == self._current
        painter.setPen(QPen(QColor(colour.ink), 1))
        painter.setBrush(QColor(hue.fill if is_current else colour.ink if is_black else colour.paper))
        painter.drawRoundedRect(rect.adjusted(0.5, -3, -0.5, -0.5), 3, 3)
        if number % 12 == 0 and not is_black:
            painter.setPen(QColor(hue.on_fill if is_current else colour.ink))
            painter.setFont(theme().font("caption"))
            box = rect.adjusted(-4, 0, 4, -3)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, note_name(number))


def key_places(pitches: range) -> dict[int, tuple[float, float, bool]]:
    """Left end and width of each key as shares of the whole, and whether it is black."""
    whites = [number for number in pitches if number % 12 in _WHITE]
    width = 1 / len(whites)
    places = {number: (place * width, width, False) for place, number in enumerate(whites)}
    for number in pitches:
        if number % 12 not in _WHITE:
            after = places[number + 1][0] if number + 1 in places else 1.0
            places[number] = (after - 0.3 * width, 0.6 * width, True)
    return places
