"""The text as chips in which a click makes a gap of a word, looks into one, or puts the word back."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import TextCanvas, TextLook, TextLookBoxes, TextPage, hue_of, show_tip, theme
from studio.core.text.token import sentence
from studio.core.translation import N_, _, translate

from ..state import GIVEN, OPEN, Filling

GIVEN_TIP: Final = N_("Click to make a gap here.")
GAP_TIP: Final = N_("Click to see what could go here; click again to put the word back.")
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_MARKED_ALPHA: Final = 0.30
_OPEN_ALPHA: Final = 0.12


class GapPage(TextPage):
    """Nothing is typed here. Signals: pressed(places): the person clicked this word, or chose it by keys."""

    pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("fill_page")
        self.setAccessibleName(_("The text: choose words to make gaps"))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._filling: Filling | None = None
        self._words: list[tuple[int, ...]] = []
        self._marked: tuple[int, ...] = ()
        self._at = 0  # the word that keys choose

    def show_filling(self, filling: Filling, words: Sequence[tuple[int, ...]], marked: tuple[int, ...]) -> None:
        """Say what is a gap, the tokens of each word, and the places that are looked into. Emits nothing."""
        self._filling, self._words, self._marked = filling, list(words), marked
        self._at = min(self._at, max(len(words) - 1, 0))
        self.update()

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the word under the pointer."""
        word = self._word_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and word >= 0:
            self._at = word
            self._press()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the word under the pointer."""
        if not event.buttons():
            super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from word to word; Enter and Space choose one."""
        key = Qt.Key(event.key())
        has_more = bool(event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier))
        step = self.step_of(event, self._words[self._at][0]) if self._words else 0
        if step and not has_more:
            self._at = min(max(self._at + step, 0), len(self._words) - 1)
            self.update()
        elif key in _ENTERS and self._words and not has_more:
            self._press()
        else:
            QWidget.keyPressEvent(self, event)

    def event(self, event: QEvent) -> bool:
        """No key writes here; say what is known of the word under the pointer."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Space and not event.modifiers():
                event.accept()
                return True
            return QWidget.event(self, event)
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.told(self.token_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def told(self, place: int) -> str:
        """What is said of a token."""
        tokens, filling = self.sheet.tokens, self._filling
        if filling is None or not 0 <= place < min(len(tokens), len(filling.turn)):
            return ""
        if filling.now[place] == OPEN:
            return translate(GAP_TIP)
        tip = GIVEN_TIP if filling.turn[place] == GIVEN else GAP_TIP
        said = "" if tokens[place].surprise_bits is None else f"{sentence(tokens[place])}\n"
        return f"{said}{translate(tip)}"

    def _word_at(self, at: QPointF) -> int:
        place = self.token_at(at)
        return next((number for number, word in enumerate(self._words) if place in word), -1)

    def _press(self) -> None:
        places = self._words[self._at]
        text = "".join(self.sheet.tokens[place].piece for place in places if place < len(self.sheet.tokens))
        if text.strip():
            self.pressed.emit(places)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chips, then a box around each open gap and a line under each that is filled."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.origin())
        filling = self._filling
        for stretch in self.seen_stretches(event):
            if filling is not None and stretch.token < len(filling.turn) and filling.turn[stretch.token] != GIVEN:
                self._paint_gap(painter, self.sheet.rect_of(stretch), stretch.token, filling)
        if self.hasFocus() and self._words:
            self._paint_focus(painter)

    def _paint_gap(self, painter: QPainter, rect: QRectF, place: int, filling: Filling) -> None:
        hue, is_marked = hue_of(self), place in self._marked
        if filling.now[place] != OPEN:
            height = 4 if is_marked else 2
            painter.fillRect(QRectF(rect.x() + 2, rect.bottom() - 5, rect.width() - 4, height), QColor(hue.fill))
            return
        box, fill = rect.adjusted(5, 4, 0, -4), QColor(hue.fill)
        fill.setAlphaF(_MARKED_ALPHA if is_marked else _OPEN_ALPHA)
        painter.setPen(QPen(QColor(hue.text), 2 if is_marked else 1))
        for brush in (QColor(theme().colour.canvas), fill):  # nothing shines through
            painter.setBrush(brush)
            painter.drawRoundedRect(box, 5, 5)

    def _paint_focus(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme().colour.focus), 1.5))
        for stretch in chain.from_iterable(map(self.sheet.stretches_of, self._words[self._at])):
            painter.drawRoundedRect(self.sheet.rect_of(stretch).adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)


class FillInStage(QWidget):
    """The text, and below it the key to its colours."""

    def __init__(self) -> None:
        super().__init__()
        self.page = GapPage()
        self.canvas = TextCanvas(page=self.page)
        self.looks = TextLookBoxes(names=("is_underlined",))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.looks)

    def set_underlined(self, is_underlined: bool) -> None:
        """Show surprise as lines or colours. Emits nothing."""
        look = TextLook(is_underlined=is_underlined)
        self.canvas.set_look(look)
        self.looks.set_look(look)
