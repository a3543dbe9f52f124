"""The text as chips in which a click makes a blank of a word, the key to its colours, and the order of blanks."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import TextCanvas, TextLook, TextLookBoxes, TextPage, hue_of, show_tip, theme
from studio.core.text.token import TextToken, sentence
from studio.core.translation import N_, _, translate

from ..passage import Passage
from .strip import OrderStrip

GIVEN: Final = N_("“{word}” is part of the text. Click to blank it out.")
OPEN: Final = N_("Blank {n} is filled in as number {n} of {n_all} (its place in the factorisation order).")
BACK: Final = N_("Click to put the word back.")
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NEXT_ALPHA: Final = 0.30
_OPEN_ALPHA: Final = 0.12


class InfillPage(TextPage):
    """Nothing is typed here. Signals: toggled(places): these words were chosen, to be left out or given back."""

    toggled = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order_page")
        self.setAccessibleName(_("The text: choose words to blank out"))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._passage = Passage((), ())
        self._n_told = 0
        self._words: list[tuple[int, ...]] = []
        self._from = self._to = -1  # words between which a hand drags
        self._at = 0  # the word that keys choose
        self._is_pressed = False

    def show_passage(self, passage: Passage, n_told: int, words: Sequence[tuple[int, ...]]) -> None:
        """Say which tokens are blanks and how many are filled, and the tokens of each word. Emits nothing."""
        self._passage, self._n_told, self._words = passage, n_told, list(words)
        self._at = min(self._at, max(len(words) - 1, 0))
        self.update()

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose words; with Shift, go on from the last ones."""
        word = self._word_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or word < 0:
            return
        self._is_pressed = True
        is_more = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._choose(self._at if is_more else word, word)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose all words as far as the pointer, else light one up."""
        word = self._word_at(event.position())
        if self._is_pressed and event.buttons() & Qt.MouseButton.LeftButton:
            if word >= 0:
                self._choose(self._from, word)
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Leave the chosen words out, or give them back."""
        if self._is_pressed and event.button() == Qt.MouseButton.LeftButton:
            self._is_pressed = False
            self._toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from word to word, with Shift over several; Enter leaves them out or gives them back."""
        key = Qt.Key(event.key())
        step = self.step_of(event, self._words[self._at][0]) if self._words else 0
        if step and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            to = min(max((self._at if self._to < 0 else self._to) + step, 0), len(self._words) - 1)
            is_more = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._choose(self._from if is_more and self._from >= 0 else self._at if is_more else to, to)
            self._at = self._at if is_more else to
        elif key in _ENTERS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._words:
            if self._from < 0:
                self._choose(self._at, self._at)
            self._toggle()
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

    def told(self, place: int) -> str:
        """What is said of a token."""
        tokens: Sequence[TextToken] = self.sheet.tokens
        if not 0 <= place < len(tokens):
            return ""
        turn, word = self._passage.turn_of(place), tokens[place].name
        if turn is None:
            return translate(GIVEN).format(word=word)
        if turn >= self._n_told:
            said = translate(OPEN).format(n=turn + 1, n_all=len(self._passage.order))
            return f"{said}\n{translate(BACK)}"
        return f"{sentence(tokens[place])}\n{translate(BACK)}"

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

    def _toggle(self) -> None:
        places = sorted(self._chosen())
        self._from = self._to = -1
        self.cursor_at = self.cursor_at.moved_to(0)
        self.update()
        text = "".join(self.sheet.tokens[place].piece for place in places if place < len(self.sheet.tokens))
        if text.strip():
            self.toggled.emit(tuple(places))

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
        """Draw the chips, then a box around each blank and a line under each that is filled."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.origin())
        for stretch in self.seen_stretches(event):
            turn = self._passage.turn_of(stretch.token)
            if turn is not None:
                self._paint_blank(painter, self.sheet.rect_of(stretch), turn)
        if self.hasFocus() and self._words:
            self._paint_focus(painter)

    def _paint_blank(self, painter: QPainter, rect: QRectF, turn: int) -> None:
        hue = hue_of(self)
        if turn < self._n_told:
            painter.fillRect(QRectF(rect.x() + 2, rect.bottom() - 5, rect.width() - 4, 2), QColor(hue.fill))
            return
        box = rect.adjusted(5, 4, 0, -4)
        fill = QColor(hue.fill)
        fill.setAlphaF(_NEXT_ALPHA if turn == self._n_told else _OPEN_ALPHA)
        painter.setPen(QPen(QColor(hue.text), 1))
        for brush in (QColor(theme().colour.canvas), fill):  # nothing shines through
            painter.setBrush(brush)
            painter.drawRoundedRect(box, 5, 5)
        painter.setFont(theme().font("body", QFont.Weight.DemiBold))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(turn + 1))

    def _paint_focus(self, painter: QPainter) -> None:
        word = self._words[self._at]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme().colour.focus), 1.5))
        for stretch in chain.from_iterable(map(self.sheet.stretches_of, word)):
            painter.drawRoundedRect(self.sheet.rect_of(stretch).adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)


class InfillStage(QWidget):
    """The parts of the middle, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self.page = InfillPage()
        self.canvas = TextCanvas(page=self.page)
        self.strip, self.looks = OrderStrip(), TextLookBoxes(names=("is_underlined",))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.looks)
        column.addWidget(self.strip)

    def set_underlined(self, is_underlined: bool) -> None:
        """Show surprise as lines or colours. Emits nothing."""
        look = TextLook(is_underlined=is_underlined)
        self.canvas.set_look(look)
        self.looks.set_look(look)
