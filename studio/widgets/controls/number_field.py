"""A number that looks like text until it is clicked, then can be typed."""

from typing import Final

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import theme, theme_source

_PADDING_PX: Final = 6  # between text and edge where the stylesheet draws it; the plain text keeps the same place


class NumberField(QLineEdit):
    """Shows a value right-aligned in tabular figures; Enter takes what was typed, Escape does not.

    Signals:
        value_typed(value): the person typed a number that the range takes.
        left_by_key(): Enter or Escape ended the typing.
    """

    value_typed = Signal(float)
    left_by_key = Signal()

    def __init__(self, value_range: ValueRange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = value_range
        self._value = value_range.default
        self.setProperty("shape", "number")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        theme_source().theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.set_value(value_range.default)

    def set_range(self, value_range: ValueRange) -> None:
        """Take other numbers from now on."""
        if value_range != self._range:
            self._range = value_range
            self._on_theme_changed()
            self.set_value(self._value)

    def set_value(self, value: float) -> None:
        """Show `value` unless a person is typing; tells nobody."""
        self._value = value
        is_beyond = not self._range.is_trained(value)
        if self.property("beyond") != is_beyond:
            self.setProperty("beyond", is_beyond)
            self.style().unpolish(self)
            self.style().polish(self)
        if not self.isModified():
            self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw plain text while nobody touches it, which costs a tenth of a styled line."""
        if self.hasFocus() or self.underMouse():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        metrics = QFontMetricsF(self.font())
        x = self.width() - _PADDING_PX - metrics.horizontalAdvance(self.text())
        y = (self.height() - self.fontMetrics().height()) // 2 - 1 + self.fontMetrics().ascent()
        painter.drawText(QPointF(x, y), self.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select everything, so that typing replaces it."""
        super().focusInEvent(event)
        self.selectAll()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click selects everything, since the press before it placed the cursor."""
        super().mouseReleaseEvent(event)
        if not self.hasSelectedText() and not self.isModified():
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed when the person goes elsewhere."""
        super().focusOutEvent(event)
        self._take()
        self.deselect()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the number, Escape brings the old one back."""
        if event.key() == Qt.Key.Key_Escape:
            self._show()
            self.left_by_key.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            self.left_by_key.emit()
        else:
            super().keyPressEvent(event)

    def _take(self) -> None:
        if not self.isModified():
            return
        value = self._range.parsed(self.text())
        self._show()
        if value is not None and value != self._value:
            self._value = value
            self._show()
            self.value_typed.emit(value)

    def _show(self) -> None:
        text = self._range.text(self._value)
        if text != self.text():
            self.setText(text)
        self.setModified(False)

    def _on_theme_changed(self) -> None:
        self.setFont(theme().font())
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(self._range.text(v)) for v in (self._range.low, self._range.high))
        self.setFixedWidth(max(widest + 2 * _PADDING_PX, theme().scaled(46)))
