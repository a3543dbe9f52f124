"""A number that looks like text until it is clicked, then can be typed."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.widgets.theme import theme, theme_source
from studio.widgets.value_range import ValueRange

_PADDING_PX: Final = 12  # inside the frame that shows under the pointer, both sides together


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
        self.setText(self._range.text(self._value))
        self.setModified(False)

    def _on_theme_changed(self) -> None:
        self.setFont(theme().font())
        metrics = self.fontMetrics()
        widest = max(
            metrics.horizontalAdvance(self._range.text(v)) for v in (self._range.low, self._range.high)
        )
        self.setFixedWidth(max(widest + _PADDING_PX, theme().scaled(46)))
