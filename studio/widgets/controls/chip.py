"""Small rounded buttons of which one is chosen, as for letters."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from studio.core.translation import translate
from studio.widgets.controls.flow import FlowLayout
from studio.widgets.theme import hue_of, theme, theme_source

_PADDING_PX: Final = 7
_HEIGHT_PX: Final = 24
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class GroupButton(QAbstractButton):
    """One of a group of which one is chosen; a subclass paints it."""

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to rest."""
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; arrows belong to the group, Space to play and pause."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            event.ignore()


class Chip(GroupButton):
    """One choice; filled with the family's hue while it is the chosen one."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_source().theme_changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """At least square, so that single letters line up."""
        height = theme().scaled(_HEIGHT_PX)
        metrics = QFontMetrics(theme().font("small", QFont.Weight.Medium))
        return QSize(max(height, metrics.horizontalAdvance(self.text()) + 2 * _PADDING_PX), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rounded field and its text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, hue = theme().colour, hue_of(self)
        radius = theme().size.radius_small
        painter.setPen(QPen(QColor(colour.focus), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        rest = colour.control_hover if self.underMouse() else colour.control
        painter.setBrush(QColor(hue.fill if self.isChecked() else rest))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        painter.setPen(QColor(hue.on_fill if self.isChecked() else colour.text_strong))
        weight = QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Medium
        painter.setFont(theme().font("small", weight))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class ChipFlow(QWidget):
    """Chips in as many lines as they need, one of them chosen; the arrow keys go from chip to chip.

    Signals:
        chosen(text): the person chose another chip.
    """

    chosen = Signal(str)

    def __init__(
        self, object_name: str, texts: Sequence[str] = (), title: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(title)
        self._chips: list[Chip] = []
        self._current = ""
        self._flow = FlowLayout(self, gap_px=theme().size.grid)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_texts(texts)

    def set_texts(self, texts: Sequence[str]) -> None:
        """Show these chips instead; the choice stays where the text still exists."""
        before = self._current
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [self._new_chip(text) for text in texts]
        self.set_current(before)

    def current(self) -> str:
        """The chosen text; empty when nothing is chosen."""
        return self._current

    def set_current(self, text: str) -> None:
        """Choose `text`, or nothing where there is no such chip; emits nothing."""
        found = next((i for i, chip in enumerate(self._chips) if chip.text() == text), None)
        self._current = "" if found is None else text
        for i, chip in enumerate(self._chips):
            chip.setChecked(i == found)
            is_stop = i == (found or 0)  # one stop of the tabulator for the whole group
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_stop else Qt.FocusPolicy.ClickFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the neighbour and choose it."""
        step = _ALONG.get(Qt.Key(event.key()))
        focused = next((i for i, chip in enumerate(self._chips) if chip.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        chip = self._chips[(focused + step) % len(self._chips)]
        chip.setFocus(Qt.FocusReason.TabFocusReason)
        self._choose(chip)

    def _new_chip(self, text: str) -> Chip:
        chip = Chip(text, self)
        chip.clicked.connect(self._on_chip_clicked)
        self._flow.addWidget(chip)
        return chip

    def _on_chip_clicked(self) -> None:
        chip = self.sender()
        if isinstance(chip, Chip):
            self._choose(chip)

    def _choose(self, chip: Chip) -> None:
        before = self._current
        self.set_current(chip.text())
        if chip.text() != before:
            self.chosen.emit(chip.text())


class Choice(ChipFlow):
    """Chips for a few named values; `labels` are what they are called. Signals: value_chosen(value)."""

    value_chosen = Signal(str)

    def __init__(self, object_name: str, labels: Mapping[str, str], title: str) -> None:
        self._values = {translate(label): value for value, label in labels.items()}
        super().__init__(object_name, tuple(self._values), translate(title))
        self.set_current(next(iter(self._values)))
        for value, chip in zip(labels, self._chips, strict=True):
            chip.setObjectName(value)
        self.chosen.connect(self._on_chosen)

    def value(self) -> str:
        """The value that is chosen."""
        return self._values[self.current()]

    def set_value(self, value: str) -> None:
        """Choose a value; emits nothing."""
        self.set_current(next(text for text, own in self._values.items() if own == value))

    def _on_chosen(self, text: str) -> None:
        self.value_chosen.emit(self._values[text])
