"""A row of a few words in one frame, of which one is chosen: how something is shown or done."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.core.translation import translate
from studio.widgets.controls.chip import GroupButton
from studio.widgets.controls.label import set_tip
from studio.widgets.theme import theme, theme_source

_PADDING_PX: Final = 12
_LEAST_PADDING_PX: Final = 5
_HEIGHT_PX: Final = 26
_FRAME_PX: Final = 3
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Segment(GroupButton):
    """One of the words."""

    def __init__(self, text: str, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setAccessibleDescription(hint)
        set_tip(self, hint)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme_source().theme_changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Room for the word in its stronger form, so that nothing moves when it is chosen."""
        return QSize(self._text_px() + 2 * _PADDING_PX, theme().scaled(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """The word without air."""
        return QSize(self._text_px() + 2 * _LEAST_PADDING_PX, theme().scaled(_HEIGHT_PX))

    def _text_px(self) -> int:
        return QFontMetrics(theme().font("body", QFont.Weight.Medium)).horizontalAdvance(self.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the word, on a lighter field where it is the chosen one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, is_chosen = theme().colour, self.isChecked()
        painter.setPen(QPen(QColor(colour.focus), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.control_hover) if is_chosen else Qt.BrushStyle.NoBrush)
        radius = theme().size.radius_small - 1
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
        ink = colour.text_strong if is_chosen or self.underMouse() else colour.text
        painter.setPen(QColor(ink if self.isEnabled() else colour.text_muted))
        painter.setFont(theme().font("body", QFont.Weight.Medium if is_chosen else QFont.Weight.Normal))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segmented(QWidget):
    """The row; the arrow keys go from word to word.

    `labels` are the words by value, or pairs of the word and what it means, with the term of the field; `hints` say
    that where the words are shown elsewhere too.

    Signals:
        value_chosen(value): the person chose another one.
    """

    value_chosen = Signal(str)

    def __init__(
        self,
        object_name: str,
        labels: Mapping[str, str | tuple[str, str]],
        title: str,
        hints: Mapping[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(translate(title))
        told = {
            value: (label, (hints or {}).get(value, "")) if isinstance(label, str) else label
            for value, label in labels.items()
        }
        self._segments = {
            value: Segment(translate(word), translate(hint), self) for value, (word, hint) in told.items()
        }
        self._value = next(iter(labels))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(_FRAME_PX, _FRAME_PX, _FRAME_PX, _FRAME_PX)
        row.setSpacing(0)
        for value, segment in self._segments.items():
            segment.setObjectName(value)
            segment.clicked.connect(self._on_segment_clicked)
            row.addWidget(segment)
        row.addStretch(1)
        theme_source().theme_changed.connect(self.update)
        self.set_value(self._value)

    def value(self) -> str:
        """The chosen value."""
        return self._value

    def set_value(self, value: str) -> None:
        """Choose `value`, one of the labels' keys; emits nothing."""
        self._value = value
        for own, segment in self._segments.items():
            segment.setChecked(own == value)
            is_stop = own == value  # one stop of the tabulator for the whole row
            segment.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_stop else Qt.FocusPolicy.ClickFocus)

    def set_possible(self, value: str, is_possible: bool) -> None:
        """Say whether a value can be chosen now."""
        self._segments[value].setEnabled(is_possible)

    def leave_out(self, value: str) -> None:
        """Offer a value no more."""
        self._segments[value].setEnabled(False)
        self._segments[value].hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next word that can be chosen, and choose it."""
        step = _ALONG.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        possible = [value for value, segment in self._segments.items() if segment.isEnabled() or value == self._value]
        value = possible[(possible.index(self._value) + step) % len(possible)]
        self._segments[value].setFocus(Qt.FocusReason.TabFocusReason)
        self._choose(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme().colour.control_border), 1))
        painter.setBrush(QColor(theme().colour.field))
        radius = theme().size.radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _on_segment_clicked(self) -> None:
        self._choose(next(value for value, segment in self._segments.items() if segment is self.sender()))

    def _choose(self, value: str) -> None:
        before = self._value
        self.set_value(value)
        if value != before:
            self.value_chosen.emit(value)
