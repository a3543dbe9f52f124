"""The order of the blanks as a strip of chips: drag one, or move it by keys, and it is filled earlier or later."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from studio.api.panel import DrawnItems, hue_of, paint_title, theme, theme_source
from studio.core.translation import N_, translate

TITLE: Final = N_("Order")
HINT: Final = N_(
    "Drag a chip, or move it with Alt and the arrow keys, to fill in its blank earlier or later (factorisation order)."
)
_TITLE_PX: Final = 20
_CHIP_PX: Final = 28
_WIDTHS_PX: Final = (92, 66)
_MANY: Final = 16
_GAP_PX: Final = 6
_DRAG_AFTER_PX: Final = 4
_NUMBER_PX: Final = 22
_WAYS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True)
class OrderChip:
    """A blank: the word that is filled in, empty for none yet, and what is said of it."""

    word: str
    hint: str


class OrderStrip(DrawnItems):
    """All slots are equally wide, so that a chip that is dragged never changes place under a resting pointer.

    Signals:
        chosen(turn): look at this one.
        moved(turn, to): fill it at another turn; drag_started(), drag_finished() around one step of undo.
    """

    chosen = Signal(int)
    moved = Signal(int, int)
    drag_started = Signal()
    drag_finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order_strip")
        self.setAccessibleName(translate(TITLE))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._chips: tuple[OrderChip, ...] = ()
        self._marked = self._at = self._pressed = -1
        self._pressed_at = QPointF()
        self._is_dragging = False
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_chips(self, chips: Sequence[OrderChip], marked: int) -> None:
        """Show the blanks in their order, one of them marked, -1 for none. Emits nothing."""
        is_resized = len(chips) != len(self._chips)
        if marked != self._marked and not self.hasFocus():
            self._at = marked
        self._chips, self._marked = tuple(chips), marked
        self._at = min(self._at, len(chips) - 1)
        self.setAccessibleDescription(" ".join(f"{turn}. {chip.word or '–'}" for turn, chip in enumerate(chips, 1)))
        if is_resized:
            self.updateGeometry()
        self.update()

    # Where everything is

    def heightForWidth(self, width: int) -> int:
        """A title and as many rows as there are."""
        n_rows = max(1, -(-len(self._chips) // self._columns(width)))
        return theme().scaled(_TITLE_PX) + n_rows * (theme().scaled(_CHIP_PX) + _GAP_PX)

    def sizeHint(self) -> QSize:
        """Any width."""
        return QSize(300, self.heightForWidth(max(self.width(), 300)))

    def minimumSizeHint(self) -> QSize:
        """A chip."""
        return QSize(self._slot_px(), self.heightForWidth(max(self.width(), 300)))

    def _slot_px(self) -> int:
        return theme().scaled(_WIDTHS_PX[len(self._chips) > _MANY]) + _GAP_PX

    def _columns(self, width: int) -> int:
        return max(1, (width + _GAP_PX) // self._slot_px())

    def chip_rect(self, turn: int) -> QRectF:
        """Where a chip lies."""
        row, column = divmod(turn, self._columns(self.width()))
        slot, height = self._slot_px(), theme().scaled(_CHIP_PX)
        top = theme().scaled(_TITLE_PX) + row * (height + _GAP_PX)
        return QRectF(column * slot, top, slot - _GAP_PX, height)

    def item_at(self, at: QPointF) -> int:
        """The chip at a place."""
        return next((turn for turn in range(len(self._chips)) if self.chip_rect(turn).contains(at)), -1)

    def _slot_at(self, at: QPointF) -> int:
        """The slot that is nearest to a place."""
        row = int((at.y() - theme().scaled(_TITLE_PX)) // (theme().scaled(_CHIP_PX) + _GAP_PX))
        columns = self._columns(self.width())
        row = min(max(row, 0), (len(self._chips) - 1) // columns)
        column = min(max(int(at.x() // self._slot_px()), 0), columns - 1)
        return min(row * columns + column, len(self._chips) - 1)

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a chip."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._pressed_at = self.item_at(event.position()), event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the chip to the slot under the pointer."""
        if self._pressed < 0 or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        if not self._is_dragging:
            if (event.position() - self._pressed_at).manhattanLength() < _DRAG_AFTER_PX:
                return
            self._is_dragging = True
            self.drag_started.emit()
        to = self._slot_at(event.position())
        if to != self._pressed:
            self._move(self._pressed, to)
            self._pressed = to

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it; where it was not dragged, look at it."""
        pressed, was_dragging = self._pressed, self._is_dragging
        self._pressed, self._is_dragging = -1, False
        if was_dragging:
            self.drag_finished.emit()
        elif pressed >= 0:
            self._at = pressed
            self.chosen.emit(pressed)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from chip to chip; with Alt they move it."""
        way = _WAYS.get(Qt.Key(event.key()))
        self._at = max(self._at, 0)
        to = self._at + (way or 0)
        if way is None or not self._chips:
            super().keyPressEvent(event)
        elif 0 <= to < len(self._chips):
            if event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._move(self._at, to)
            else:
                self._at = to
                self.chosen.emit(to)

    def hint_of(self, index: int) -> str:
        """What a chip is, and what can be done with it."""
        return translate(HINT) if index < 0 else f"{self._chips[index].hint}\n{translate(HINT)}"

    def event(self, event: QEvent) -> bool:
        """Claim the arrow keys with Alt from the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _WAYS:
            event.accept()
            return True
        return super().event(event)

    def _move(self, turn: int, to: int) -> None:
        self._at = to
        self.moved.emit(turn, to)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title and the chips."""
        painter = QPainter(self)
        paint_title(painter, self.width(), TITLE)
        for turn, chip in enumerate(self._chips):
            self._paint_chip(painter, turn, chip)

    def _paint_chip(self, painter: QPainter, turn: int, chip: OrderChip) -> None:
        rect, colour, hue = self.chip_rect(turn).adjusted(1, 1, -1, -1), theme().colour, hue_of(self)
        is_marked = turn == self._marked
        is_lit = turn in (self._hovered, self._pressed)
        painter.setBrush(QColor(hue.fill if is_marked else colour.control_hover if is_lit else colour.control))
        painter.setPen(self._edge(turn))
        painter.drawRoundedRect(rect, 6, 6)
        painter.setFont(theme().font("small", QFont.Weight.DemiBold))
        painter.setPen(QColor(hue.on_fill if is_marked else hue.text))
        number = QRectF(rect.x(), rect.y(), theme().scaled(_NUMBER_PX), rect.height())
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(turn + 1))
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(hue.on_fill if is_marked else colour.text_strong if chip.word else colour.text_muted))
        room = rect.adjusted(number.width() + 1, 0, -5, 0)
        word = QFontMetrics(painter.font()).elidedText(
            chip.word or "···", Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, word)

    def _edge(self, turn: int) -> QPen:
        colour = theme().colour
        if turn == self._pressed and self._is_dragging:
            return QPen(QColor(colour.text_strong), 2)
        if turn == self._at and self.hasFocus():
            return QPen(QColor(colour.focus), 2)
        return QPen(QColor(colour.control_border), 1)
