"""The text as chips in which a click, a drag or keys choose words, to be left out or given back, and its stage."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import TextCanvas, TextLook, TextLookBoxes, TextPage, hue_of, show_tip, theme

_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier


class GapPage(TextPage):
    """Nothing is typed here; a kind says what stands in a gap and what is told of a word.

    Signals: words_chosen(places): these words were chosen, one by a click or several by a drag.
    """

    words_chosen = Signal(object)

    def __init__(self, name: str, spoken: str) -> None:
        """`spoken` is what the page is called, translated."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._words: list[tuple[int, ...]] = []
        self._from = self._to = -1  # words between which a hand drags
        self._at = 0  # the word that keys choose
        self._is_pressed = False

    def set_words(self, words: Sequence[tuple[int, ...]]) -> None:
        """Say which tokens are a word. Emits nothing."""
        self._words = list(words)
        self._at = min(self._at, max(len(words) - 1, 0))
        self.update()

    def told(self, place: int) -> str:
        """What is said of a token."""
        raise NotImplementedError

    def paint_gap(self, painter: QPainter, rect: QRectF, place: int) -> None:
        """Draw what is drawn over a token, as far as it is a gap or was one."""
        raise NotImplementedError

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose words; with Shift, go on from the last ones."""
        word = self._word_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or word < 0:
            return
        self._is_pressed = True
        self._choose(self._at if event.modifiers() & _SHIFT else word, word)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose all words as far as the pointer, else light one up."""
        word = self._word_at(event.position())
        if self._is_pressed and event.buttons() & Qt.MouseButton.LeftButton:
            if word >= 0:
                self._choose(self._from, word)
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hand the chosen words over."""
        if self._is_pressed and event.button() == Qt.MouseButton.LeftButton:
            self._is_pressed = False
            self._hand_over()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from word to word, with Shift over several; Enter hands them over."""
        key = Qt.Key(event.key())
        step = self.step_of(event, self._words[self._at][0]) if self._words else 0
        if step and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            to = min(max((self._at if self._to < 0 else self._to) + step, 0), len(self._words) - 1)
            is_more = bool(event.modifiers() & _SHIFT)
            self._choose(self._from if is_more and self._from >= 0 else self._at if is_more else to, to)
            self._at = self._at if is_more else to
        elif key in _ENTERS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._words:
            if self._from < 0:
                self._choose(self._at, self._at)
            self._hand_over()
        else:
            QWidget.keyPressEvent(self, event)

    def event(self, event: QEvent) -> bool:
        """No key writes here; say what is known of the word under the pointer."""
        if event.type() == QEvent.Type.ShortcutOverride:
            return QWidget.event(self, event)
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.told(self.token_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def _word_at(self, at: QPointF) -> int:
        place = self.token_at(at)
        return next((number for number, word in enumerate(self._words) if place in word), -1)

    def _choose(self, first: int, last: int) -> None:
        self._from, self._to = first, last
        if not self._is_pressed or first == last:
            self._at = first
        places = self._chosen()
        spans = [self.sheet.token_span(place) for place in places if place < len(self.sheet.tokens)]
        if spans:
            begin, end = min(first for first, _ in spans), max(last for _, last in spans)
            self.cursor_at = self.cursor_at.moved_to(begin).moved_to(end, is_selecting=True)
        self.update()

    def _chosen(self) -> set[int]:
        low, high = sorted((self._from, self._to))
        return {place for word in self._words[low : high + 1] for place in word}

    def _hand_over(self) -> None:
        places = sorted(self._chosen())
        self._from = self._to = -1
        self.cursor_at = self.cursor_at.moved_to(0)
        self.update()
        text = "".join(self.sheet.tokens[place].piece for place in places if place < len(self.sheet.tokens))
        if text.strip():
            self.words_chosen.emit(tuple(places))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """No cursor appears: nothing is typed here."""
        QWidget.focusInEvent(self, event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The word that keys choose is marked no more."""
        QWidget.focusOutEvent(self, event)
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chips, then what stands in gaps, and an edge around the word that keys choose."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.origin())
        for stretch in self.seen_stretches(event):
            self.paint_gap(painter, self.sheet.rect_of(stretch), stretch.token)
        if self.hasFocus() and self._words:
            self._paint_focus(painter)

    def paint_filled(self, painter: QPainter, rect: QRectF, height_px: int = 2) -> None:
        """Draw a line under what was filled in."""
        painter.fillRect(
            QRectF(rect.x() + 2, rect.bottom() - 5, rect.width() - 4, height_px), QColor(hue_of(self).fill)
        )

    def paint_open(self, painter: QPainter, rect: QRectF, alpha: float, pen_px: int = 1) -> QRectF:
        """Draw the box of an open gap, and say where it stands."""
        hue, box = hue_of(self), rect.adjusted(5, 4, 0, -4)
        fill = QColor(hue.fill)
        fill.setAlphaF(alpha)
        painter.setPen(QPen(QColor(hue.text), pen_px))
        for brush in (QColor(theme().colour.canvas), fill):  # nothing shines through
            painter.setBrush(brush)
            painter.drawRoundedRect(box, 5, 5)
        return box

    def _paint_focus(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme().colour.focus), 1.5))
        for stretch in chain.from_iterable(map(self.sheet.stretches_of, self._words[self._at])):
            painter.drawRoundedRect(self.sheet.rect_of(stretch).adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)


class GapStage(QWidget):
    """The text, below it the key to its colours, and whatever else belongs there."""

    def __init__(self, page: GapPage, *below: QWidget) -> None:
        super().__init__()
        self.canvas = TextCanvas(page=page)
        self.looks = TextLookBoxes(names=("is_underlined",))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        for part in (self.looks, *below):
            column.addWidget(part)

    def set_underlined(self, is_underlined: bool) -> None:
        """Show surprise as lines or colours. Emits nothing."""
        look = TextLook(is_underlined=is_underlined)
        self.canvas.set_look(look)
        self.looks.set_look(look)
