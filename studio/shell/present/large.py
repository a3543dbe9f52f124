"""Large controls for a finger: each does what its small one in the inspector does, and stands where that stands.

All that a small one is connected to is a method of a large one, so that it ends when the large one goes.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.controls.flow import FlowLayout
from studio.widgets.controls.label import Label
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import Theme

KNOB_PX: Final = 40
GROOVE_PX: Final = 12
GAP_PX: Final = 10


def groove_indent(scale: float) -> int:
    """How far the groove of a large slider begins from its left edge, in pixels; all else begins there as well."""
    return round((KNOB_PX - GROOVE_PX) / 2 * scale) + 3


class LargeTrack(SliderTrack):
    """A slider with a knob for a finger; `scale` is how large everything is."""

    def __init__(self, value_range: ValueRange, scale: float) -> None:
        self._scale = scale
        super().__init__(replace(value_range, trained=None))

    @property
    def look(self) -> Theme:
        """The theme with a large knob."""
        usual = super().look
        knob_px, groove_px = round(KNOB_PX * self._scale), round(GROOVE_PX * self._scale)
        size = replace(usual.size, knob_width=knob_px, groove_height=groove_px, control_height=knob_px + 8)
        return replace(usual, size=size)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A second touch soon after the first one is a touch like any other."""
        self.mousePressEvent(event)


class Large(QWidget):
    """A label, and what a finger moves below it."""

    def __init__(self, title: str, part: QWidget, scale: float) -> None:
        super().__init__()
        indent = groove_indent(scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(round(4 * scale))
        if title:
            label = Label(title)
            label.setWordWrap(True)
            label.setContentsMargins(indent, 0, indent, 0)
            column.addWidget(label)
        if not isinstance(part, LargeTrack):
            part.setContentsMargins(indent, 0, indent, 0)
        column.addWidget(part)


class LargeSlider(Large):
    """Moves a slider of the inspector."""

    def __init__(self, row: SliderRow, scale: float) -> None:
        self.track = track = LargeTrack(row.value_range, scale)
        super().__init__(row.name, track, scale)
        track.setAccessibleName(row.name)
        track.set_exact_value(row.value())
        track.edit_started.connect(row.begin_edit)
        track.value_moved.connect(row.move_to)
        track.edit_finished.connect(row.end_edit)
        row.value_shown.connect(track.set_exact_value)


class LargeButton(QPushButton):
    """A button for a finger. Signals: pressed_at(place), its place among its neighbours."""

    pressed_at = Signal(int)

    def __init__(self, text: str, place: int = 0) -> None:
        super().__init__(text)
        self._place = place
        self.setAutoDefault(False)
        self.setProperty("kind", "secondary")
        self.setProperty("shape", "large")
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        self.pressed_at.emit(self._place)


class LargePress(LargeButton):
    """Presses a button of the inspector, and stays pressed where that one does."""

    def __init__(self, source: QAbstractButton) -> None:
        super().__init__(source.text() or source.accessibleName())
        self._source = source
        self.setCheckable(source.isCheckable())
        self.setChecked(source.isChecked())
        self.clicked.connect(source.click)
        self.clicked.connect(self._follow)  # one of a group stays as it was
        source.toggled.connect(self.setChecked)

    def _follow(self) -> None:
        self.setChecked(self._source.isChecked())


class LargeChoice(Large):
    """One of a few words, as buttons in as many lines as they need."""

    def __init__(self, title: str, sources: Sequence[QAbstractButton], scale: float) -> None:
        super().__init__(title, _flow([LargePress(one) for one in sources], scale), scale)


class LargeList(Large):
    """One of the lines of a drop-down list, which no finger has to unfold."""

    def __init__(self, title: str, source: QComboBox, scale: float) -> None:
        self._source = source
        self._buttons = [LargeButton(source.itemText(place), place) for place in range(source.count())]
        super().__init__(title, _flow(self._buttons, scale), scale)
        for button in self._buttons:
            button.setCheckable(True)
            button.pressed_at.connect(self._choose)
        source.currentIndexChanged.connect(self._show)
        self._show(source.currentIndex())

    def _choose(self, place: int) -> None:
        self._source.setCurrentIndex(place)
        self._source.activated.emit(place)
        self._show(self._source.currentIndex())

    def _show(self, chosen: int) -> None:
        for place, button in enumerate(self._buttons):
            button.setChecked(place == chosen)


class LargeLine(Large):
    """A line to type in, for who has keys."""

    def __init__(self, title: str, source: QLineEdit, scale: float) -> None:
        self._source, self._line = source, QLineEdit(source.text())
        super().__init__(title, in_a_box(self._line), scale)
        self._line.setAccessibleName(title)
        self._line.setMaxLength(source.maxLength())
        self._line.setPlaceholderText(source.placeholderText())
        if (validator := source.validator()) is not None:
            self._line.setValidator(validator)
        self._line.textEdited.connect(self._type)
        self._line.editingFinished.connect(source.editingFinished)
        source.textChanged.connect(self._show)

    def _type(self, text: str) -> None:
        self._source.setText(text)
        self._source.textEdited.emit(text)

    def _show(self, text: str) -> None:
        if text != self._line.text():
            self._line.setText(text)


def in_a_box(widget: QWidget) -> QWidget:
    """A widget as wide as it wants to be, which keeps its own margins."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(widget, 0 if isinstance(widget, QAbstractButton) else 1)
    if isinstance(widget, QAbstractButton):
        row.addStretch(1)
    return box


def _flow(buttons: Sequence[QWidget], scale: float) -> QWidget:
    whole = QWidget()
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    whole.setSizePolicy(policy)
    flow = FlowLayout(whole, gap_px=round(GAP_PX * scale))
    for button in buttons:
        flow.addWidget(button)
    return whole
