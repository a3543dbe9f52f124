"""The text in the middle of the panel: read it as chips, point at a word, click it, type anywhere in it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QWidget

from studio.core.text.token import TextToken, sentence
from studio.core.translation import _
from studio.render.bundled_font import boxes_words
from studio.widgets.controls.label import Label, show_tip
from studio.widgets.spoken_role import TEXT
from studio.widgets.text.cursor import TextCursor, typed
from studio.widgets.text.cut import TextCut
from studio.widgets.text.keys import Typing, after_key, is_ours
from studio.widgets.text.sheet import Arc, Stretch, TextLook, TextSheet, text_font
from studio.widgets.theme import hue_of, theme, theme_source

TOP_PX: Final = 18
SIDE_PX: Final = 8
TURN_S: Final = 0.004
"""So long a text is laid out in one turn of the event loop, beside what else happens there."""


class TextPage(QWidget):
    """What scrolls. A long text gets its lines in idle time.

    Signals:
        edited(text): the person changed the text.
        token_pressed(number): the person clicked a token.
        token_pointed(number): the pointer is over another token; -1 for none.
        cursor_moved(): so that it can be scrolled to.
        laid_out(): more lines stand than before.
    """

    spoken_role = TEXT

    edited = Signal(str)
    token_pressed = Signal(int)
    token_pointed = Signal(int)
    cursor_moved = Signal()
    laid_out = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("text_page")
        self.setAccessibleName(_("The text: type anywhere in it"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setMouseTracking(True)
        self.sheet = TextSheet()
        self.cursor_at = TextCursor()
        self.cut = TextCut()
        self._cut_px = 0.0
        self.invitation = ""
        self._shows_cursor = False
        self._n_drawn = 0
        self._blink = QTimer(self, interval=max(QApplication.cursorFlashTime() // 2, 200))
        self._blink.timeout.connect(self._on_blink)
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._lay_out)
        theme_source().theme_changed.connect(self.arrange)

    @property
    def text(self) -> str:
        """All of it, as it is shown."""
        return self.sheet.layout.text

    def set_tokens(self, tokens: Sequence[TextToken]) -> None:
        """Show other tokens; the cursor stays at its place. Emits nothing."""
        was_at_end = self.cursor_at.place >= len(self.text) and not self.cursor_at.has_selection
        self.sheet.fit(self._column_px())
        self._show_from(self.sheet.go_on(tuple(tokens)))
        length = len(self.text)
        self.cursor_at = TextCursor(length, length) if was_at_end else self.cursor_at.within(length)
        self.setAccessibleDescription(f"{self.cut.sentence} {self.text[-2000:]}".strip())

    def _show_from(self, first: int) -> None:
        """Lay out what does not stand yet, as much as a turn has room for, and draw the lines from one on."""
        n_before = self.sheet.layout.n_lines
        is_whole = self.sheet.arrange(TURN_S)
        self._fit()
        self._update_lines(first, max(n_before, self._n_drawn, self.sheet.layout.n_lines) - first)
        self._n_drawn = self.sheet.layout.n_lines
        if not is_whole:
            self._more.start()

    def _lay_out(self) -> None:
        self._show_from(max(self.sheet.layout.n_lines - 1, 0))
        self.laid_out.emit()

    def set_cut(self, cut: TextCut) -> None:
        """Show what was cut off before the text. Emits nothing."""
        if cut != self.cut:
            self.cut = cut
            self._fit()
            self.update()

    def arrange(self) -> None:
        """Lay the text out again, for another width or another look."""
        self.sheet.lay_out(self._column_px())
        self._show_from(0)
        self.update()

    def _column_px(self) -> float:
        return min(self.width() - 2 * SIDE_PX, self.sheet.column_px())

    def _fit(self) -> None:
        self._cut_px = self.cut.height(text_font(), self._column_px())
        self.setMinimumHeight(round(self._cut_px + self.sheet.height()) + 2 * TOP_PX)

    def set_current(self, token: int) -> None:
        """Put the edge around another token; -1 for none. Emits nothing."""
        before, self.sheet.current = self.sheet.current, token
        self._update_tokens(before, token)

    def _update_tokens(self, *tokens: int) -> None:
        """Draw the lines again on which these tokens stand."""
        for token in tokens:
            lines = self.sheet.lines_of(token)
            if lines:
                self._update_lines(lines[0], len(lines))

    def _update_lines(self, first: int, n_lines: int) -> None:
        """Draw some lines again, with what reaches over their edges."""
        line_px = self.sheet.line_px
        top = max(0, int(self.origin().y() + (first - 0.5) * line_px))
        self.update(0, top, self.width(), int((n_lines + 1) * line_px) + 1)

    def origin(self) -> QPointF:
        """The left upper corner of the text: the column stands in the middle."""
        return QPointF(max(SIDE_PX, round((self.width() - self.sheet.column_px()) / 2)), TOP_PX + round(self._cut_px))

    def token_at(self, point: QPointF) -> int:
        """The token at a point of the page, -1 for none."""
        return self.sheet.token_at(point - self.origin())

    def seen_stretches(self, event: QPaintEvent) -> Iterator[Stretch]:
        """The parts of tokens where something is to be drawn."""
        dirty = QRectF(event.rect()).translated(-self.origin())
        return self.sheet.stretches(dirty.top(), dirty.bottom())

    def rect_of_token(self, token: int) -> QRectF:
        """Where a token begins, or its chip where it has no place of its own; empty where there is none."""
        found = next(self.sheet.stretches_of(token), None)
        return QRectF() if found is None else self.sheet.rect_of(found).translated(self.origin())

    def step_of(self, event: QKeyEvent, token: int) -> int:
        """Where Left and Right lead in the text from a token: 1 goes on, -1 back, 0 for another key."""
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        return -way if self.sheet.is_rtl(token) else way

    def cursor_rect(self) -> QRectF:
        """Where the cursor is, on the page."""
        return self.sheet.cursor_rect(self.cursor_at.place).translated(self.origin())

    # What a hand does

    def event(self, event: QEvent) -> bool:
        """Claim the keys that write; say what is known of the word under the pointer."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_ours(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _tell(self, at: QPoint, on_screen: QPoint) -> None:
        token = self.token_at(QPointF(at))
        tokens = self.sheet.tokens
        text = sentence(tokens[token]) if 0 <= token < len(tokens) else ""
        show_tip(on_screen, text, self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Write; every other key goes on to the window."""
        if not is_ours(event):
            super().keyPressEvent(event)
            return
        self._take(after_key(event, Typing(self.text, self.cursor_at, self.sheet.layout)))

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take a character that was put together from several keys."""
        if event.commitString():
            self._take(typed(self.text, self.cursor_at, event.commitString()))
        event.accept()

    def _take(self, done: tuple[str, TextCursor] | None) -> None:
        if done is None:
            return
        before, (text, cursor) = self.text, done
        if text != before:
            self._show_from(self.sheet.go_on(tuple(_edited(self.sheet.tokens, before, text))))
        self._move_cursor(cursor)
        if text != before:
            self.edited.emit(self.cut.before + text + self.cut.after)
        self.cursor_moved.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the cursor there, and choose the word."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        is_selecting = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._move_cursor(self.cursor_at.moved_to(self._place_at(event.position()), is_selecting))
        token = self.token_at(event.position())
        if token >= 0 and not is_selecting:
            self.token_pressed.emit(token)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select while the button is down, else say which word is under the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_cursor(self.cursor_at.moved_to(self._place_at(event.position()), is_selecting=True))
            return
        self._point(self.token_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """No word is under the pointer."""
        self._point(-1)

    def _point(self, token: int) -> None:
        if token != self.sheet.pointed:
            before, self.sheet.pointed = self.sheet.pointed, token
            self._update_tokens(before, token)
            self.token_pointed.emit(token)

    def _place_at(self, point: QPointF) -> int:
        return self.sheet.place_at(point - self.origin())

    # Drawing

    def _move_cursor(self, cursor: TextCursor) -> None:
        """Put the cursor elsewhere; drawn again is what it left, what it came to, and what is selected."""
        self._shows_cursor = self.hasFocus()
        ends = [place for one in (self.cursor_at, cursor) for place in one.selection]
        first, last = (self.sheet.layout.line_of(place) for place in (min(ends), max(ends)))
        self.cursor_at = cursor
        self._update_lines(first, last - first + 1)
        if self._shows_cursor:
            self._blink.start()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The cursor appears."""
        super().focusInEvent(event)
        self._move_cursor(self.cursor_at)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The cursor goes."""
        super().focusOutEvent(event)
        self._blink.stop()
        self._shows_cursor = False
        self.update()

    def _on_blink(self) -> None:
        self._shows_cursor = not self._shows_cursor
        self.update(self.cursor_rect().toAlignedRect().adjusted(-1, -1, 1, 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks lines elsewhere."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chips, or the invitation to write; then the cursor."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme().colour.canvas))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        origin = self.origin()
        if not self.text and self.invitation:
            self._paint_invitation(painter)
        painter.translate(origin.x(), TOP_PX)
        self.cut.paint(painter, text_font(), self._column_px())
        painter.translate(0, origin.y() - TOP_PX)
        dirty = QRectF(event.rect()).translated(-origin)
        self.sheet.paint(painter, self.cursor_at.selection, dirty.top(), dirty.bottom())
        if self._shows_cursor:
            painter.fillRect(self.sheet.cursor_rect(self.cursor_at.place), QColor(hue_of(self).text))

    def _paint_invitation(self, painter: QPainter) -> None:
        painter.setFont(text_font())
        painter.setPen(QColor(theme().colour.text_muted))
        room = QRectF(self.origin().x() + 6, TOP_PX, self.sheet.column_px(), self.height())
        painter.drawText(room, Qt.TextFlag.TextWordWrap, self.invitation)


class TextCanvas(QScrollArea):
    """The page in its frame; scrolls to what is written."""

    def __init__(self, parent: QWidget | None = None, page: TextPage | None = None) -> None:
        """`page` is one that answers a hand otherwise."""
        super().__init__(parent)
        self._is_awaited = False  # the token at the playhead does not stand yet
        self.setObjectName("text_canvas")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.page = TextPage() if page is None else page
        self.page.cursor_moved.connect(self._on_cursor_moved)
        self.page.laid_out.connect(self._on_laid_out)
        self.setWidget(self.page)
        self.boxes = Label(parent=self)
        self.boxes.setProperty("role", "small")
        self.boxes.setWordWrap(True)
        self.boxes.hide()
        self.viewport().setAutoFillBackground(False)
        # What is drawn moves when it scrolls, and stays when the page becomes longer.
        self.page.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.page.setAttribute(Qt.WidgetAttribute.WA_StaticContents)

    def minimumSizeHint(self) -> QSize:
        """A few lines."""
        return QSize(240, 90)

    def set_tokens(self, tokens: Sequence[TextToken], current: int) -> None:
        """Show these tokens, with an edge around the one at the playhead; -1 for none. Emits nothing."""
        if tuple(tokens) != self.page.sheet.tokens:
            self.page.set_tokens(tokens)
        if current != self.page.sheet.current:
            self.page.set_current(current)
        self._show_boxes()
        self._show_current()

    def _show_current(self) -> None:
        """Scroll to the token at the playhead, as soon as it stands."""
        rect = self.page.rect_of_token(self.page.sheet.current)
        self._is_awaited = rect.isEmpty() and self.page.sheet.current >= 0
        if not rect.isEmpty():
            at, line_px = rect.center().toPoint(), round(self.page.sheet.line_px)
            self.ensureVisible(at.x(), at.y(), 0, 2 * line_px)

    def _on_laid_out(self) -> None:
        if self._is_awaited:
            self._show_current()

    def _show_boxes(self) -> None:
        """Say below the text why some of its signs are boxes."""
        sign = self.page.sheet.boxed
        if bool(sign) == self.boxes.isHidden():
            self.boxes.setText(boxes_words(sign) if sign else "")
            self.boxes.setVisible(bool(sign))
            self._place_boxes()

    def _place_boxes(self) -> None:
        width = self.width() - 2 * SIDE_PX
        height = 0 if self.boxes.isHidden() else self.boxes.heightForWidth(width) + SIDE_PX
        self.setViewportMargins(0, 0, 0, height)
        self.boxes.setGeometry(SIDE_PX, self.height() - height, width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentence about boxes stays at the lower edge."""
        self._place_boxes()
        super().resizeEvent(event)

    def set_look(self, look: TextLook) -> None:
        """Show it otherwise. Emits nothing."""
        if look != self.page.sheet.look:
            self.page.sheet.set_look(look)
            self.page.update()

    def set_language(self, language: str) -> None:
        """Colour the text as one in this language: "python", or nothing. Emits nothing."""
        self.page.sheet.set_language(language)
        self.page.update()

    def set_arcs(self, arcs: Iterable[Arc]) -> None:
        """Draw these lines over the text. Emits nothing."""
        self.page.sheet.arcs = tuple(arcs)
        self.page.update()

    def set_muted(self, tokens: Iterable[int]) -> None:
        """Show that nothing may look at these tokens. Emits nothing."""
        self.page.sheet.muted = frozenset(tokens)
        self.page.update()

    def set_cut(self, cut: TextCut) -> None:
        """Show what was cut off before the text. Emits nothing."""
        self.page.set_cut(cut)

    def set_unseen(self, n_tokens: int) -> None:
        """Grey so many of the first tokens. Emits nothing."""
        if n_tokens != self.page.sheet.unseen:
            self.page.sheet.unseen = n_tokens
            self.page.update()

    def set_invitation(self, text: str) -> None:
        """What stands where there is no text."""
        self.page.invitation = text
        self.page.update()

    def _on_cursor_moved(self) -> None:
        at = self.page.cursor_rect().center()
        self.ensureVisible(round(at.x()), round(at.y()), 0, round(self.page.sheet.line_px))


def _edited(tokens: Sequence[TextToken], before: str, after: str) -> Iterable[TextToken]:
    """The tokens as far as they stand before what was changed, then one piece of which nothing is known yet."""
    n_least = min(len(before), len(after))
    same, end = next((at for at in range(n_least) if before[at] != after[at]), n_least), 0
    for token in tokens:
        if end + len(token.piece) > same:
            break
        end += len(token.piece)
        yield token
    if end < len(after):
        yield TextToken(after[end:])
