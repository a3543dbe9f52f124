"""Text of any origin, shown as it is: nothing in it is taken for marks, not in labels and not in tips."""

import html
from typing import Final, Protocol

from PySide6 import QtGui
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QLabel, QStyleOption, QStylePainter, QToolTip, QWidget

from studio.widgets.theme import theme, theme_source

_NAME_PX: Final = 100


class Label(QLabel):
    """A label whose text is plain, whoever wrote it; only here QLabel may be used, which would obey marks."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


class MarkedLabel(Label):
    """A label for sentences of our own with `<b>` and `<br>`, into which no foreign text may come."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(text)


def show_tip(at: QPoint, text: str, widget: QWidget) -> None:
    """Show plain text beside the pointer; an empty one hides what is there."""
    QToolTip.showText(at, plain_tip(text), widget)


class Tipped(Protocol):
    """A widget, or an item of a list or table."""

    def setToolTip(self, tip: str, /) -> object:  # noqa: N802 - Qt's name
        """Show `tip`, marks in it obeyed, when the pointer rests there."""


def set_tip(on: Tipped, text: str) -> None:
    """Let plain text be shown when the pointer rests on a widget or an item."""
    on.setToolTip(plain_tip(text))


def plain_tip(text: str) -> str:
    """A text that a tip shows as it is."""
    return f"<span>{html.escape(text)}</span>" if QtGui.Qt.mightBeRichText(text) else text


def hint_with_words(widget: QWidget, hint: QSize) -> QSize:
    """The size hint of a widget that grows no higher than that: as high as its words are at the width that it has."""
    layout = widget.layout()
    needed_px = layout.totalHeightForWidth(widget.width()) if layout is not None and layout.hasHeightForWidth() else 0
    return QSize(hint.width(), max(hint.height(), needed_px))


class ElidedLabel(Label):
    """A label that may become narrower than its text: it ends in an ellipsis instead of pushing its neighbours out."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        if role:
            self.setProperty("role", role)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def drawn_font(self) -> QFont:
        """The font that the text is drawn in."""
        return self.font()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QStylePainter(self)
        option = QStyleOption()
        option.initFrom(self)
        font = self.drawn_font()
        painter.setFont(font)
        text = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        alignment = self.alignment().value
        painter.drawItemText(self.rect(), alignment, option.palette, self.isEnabled(), text, self.foregroundRole())


class NameLabel(ElidedLabel):
    """The name of a control: all of them equally wide, so that the controls line up, and as the inspector has room."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent=parent)
        self._width_px = _NAME_PX
        theme_source().theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_room(self, width_px: int) -> None:
        """Have another width, at text scale 1."""
        self._width_px = width_px
        self._on_theme_changed()

    def drawn_font(self) -> QFont:
        """A little smaller where the name would not fit."""
        font, needed_px = QFont(self.font()), self.fontMetrics().horizontalAdvance(self.text())
        if needed_px > self.width():
            font.setPixelSize(max(font.pixelSize() * self.width() // needed_px, theme().text_px("caption")))
        return font

    def _on_theme_changed(self) -> None:
        self.setFixedWidth(theme().scaled(self._width_px))
