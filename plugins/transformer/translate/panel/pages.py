"""Both texts as chips that glow: words of the one that the word under the mouse in the other belongs to."""

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.api.panel import TextPage, hue_of, show_tip, theme
from studio.core.text.token import sentence
from studio.core.translation import N_, _, translate

GLOW_ALPHA: Final = 0.55
LEAST: Final = 0.04
NEVER_READ: Final = N_("The model has never read this word. It translates it piece by piece, or guesses.")
LOOK: Final = N_("Point at a word to see which words of the translation come from it. Type to change the text.")
CHANGE: Final = N_("Click to see what else could stand here.")


class GlowingPage(TextPage):
    """A text of which words can glow and be marked."""

    def __init__(self) -> None:
        super().__init__()
        self._glow: list[float] = []
        self._marked: frozenset[int] = frozenset()

    def set_glow(self, weights: Sequence[float]) -> None:
        """Let each token glow by its weight, 0 to 1; nothing glows where there are none. Emits nothing."""
        if list(weights) != self._glow:
            self._glow = list(weights)
            self.update()

    @property
    def glow(self) -> list[float]:
        """The weight of each token."""
        return self._glow

    def set_marked(self, tokens: Iterable[int]) -> None:
        """Underline these tokens with dashes. Emits nothing."""
        self._marked = frozenset(tokens)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is known of the word under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.told(self.token_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def told(self, token: int) -> str:
        """What is said of a token."""
        return translate(NEVER_READ) if token in self._marked else translate(LOOK)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chips, then the glow and the marks."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.origin())
        for stretch in self.seen_stretches(event):
            weight = self._glow[stretch.token] if stretch.token < len(self._glow) else 0.0
            rect = self.sheet.rect_of(stretch)
            if weight > LEAST:
                colour = QColor(hue_of(self).fill)
                colour.setAlphaF(GLOW_ALPHA * min(weight, 1.0))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawRoundedRect(rect.adjusted(3, 3, 0, -3), 4, 4)
            if stretch.token in self._marked:
                painter.setPen(QPen(QColor(theme().colour.text_muted), 1.5, Qt.PenStyle.DashLine))
                painter.drawLine(rect.bottomLeft() + QPointF(6, -5), rect.bottomRight() + QPointF(0, -5))


class SourcePage(GlowingPage):
    """The text to translate; a person types in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("translate_source")
        self.setAccessibleName(_("The English text: type anywhere in it"))


class TranslationPage(GlowingPage):
    """The translation; nothing is typed here, a click chooses a word: `token_pressed`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("translate_target")
        self.setAccessibleName(_("The translation: choose a word to see what else could stand there"))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def told(self, token: int) -> str:
        """How likely a token was."""
        tokens = self.sheet.tokens
        return f"{sentence(tokens[token])}\n{translate(CHANGE)}" if 0 <= token < len(tokens) else ""

    def event(self, event: QEvent) -> bool:
        """No key writes here."""
        if event.type() == QEvent.Type.ShortcutOverride:
            return QWidget.event(self, event)
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a word."""
        token = self.token_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and token >= 0:
            self.token_pressed.emit(token)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which word is under the pointer; nothing is selected."""
        self._point(self.token_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from token to token."""
        now = self.sheet.current if self.sheet.current >= 0 else len(self.sheet.tokens)
        step = self.step_of(event, now)
        if step and self.sheet.tokens and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.token_pressed.emit(min(max(now + step, 0), len(self.sheet.tokens) - 1))
        else:
            QWidget.keyPressEvent(self, event)
