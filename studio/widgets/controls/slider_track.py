"""The painted groove, filled part and knob of a slider, and what a hand does with them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from studio.widgets.controls.value_range import ValueRange
from studio.widgets.theme import Hue, Theme, hue_of, theme_source

_EDGE_PX: Final = 3.0  # room for the focus ring around the knob
_ORIGIN_PX: Final = 10.0  # height of the mark at zero
_WHEEL_ENDS_AFTER_MS: Final = 400
_DISABLED_OPACITY: Final = 0.4
_WHEEL_STEP: Final = 120.0  # Qt counts eighths of a degree, a notch of a wheel is 15 degrees
_KEYS: Final = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


@dataclass(frozen=True)
class SliderSketch:
    """Where everything lies on a slider of `width_px` x `height_px`, and how it looks."""

    values: ValueRange
    look: Theme
    width_px: int
    height_px: int

    @cached_property
    def start_px(self) -> float:
        """The centre of the knob at the low end."""
        return self.look.size.knob_width / 2 + _EDGE_PX

    @cached_property
    def length_px(self) -> float:
        """The way of the knob from end to end, at least 1."""
        return max(1.0, self.width_px - 2 * self.start_px)

    def x_of(self, value: float) -> float:
        """The centre of the knob at `value`."""
        return self.start_px + self.values.share(value) * self.length_px

    def value_at(self, x_px: float) -> float:
        """The value at which the centre of the knob lies nearest to `x_px`."""
        share = min(max((x_px - self.start_px) / self.length_px, 0.0), 1.0)
        return self.values.low + share * (self.values.high - self.values.low)

    def paint_groove(self, painter: QPainter) -> None:
        """The whole range, the trained part lighter, a mark at zero when zero is inside."""
        colour, values = self.look.colour, self.values
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_bar(painter, values.low, values.high, colour.groove)
        if values.trained is not None:
            self._paint_bar(painter, *values.trained, colour.groove_trained)
        if values.origin > values.low:
            mark = QRectF(self.x_of(values.origin) - 1, (self.height_px - _ORIGIN_PX) / 2, 2, _ORIGIN_PX)
            painter.fillRect(mark, QColor(colour.groove_trained))

    def paint_fill(self, painter: QPainter, value: float, hue: Hue) -> None:
        """The part between zero, or the low end, and `value`; in the warning colour beyond the trained part."""
        colour = hue.fill if self.values.is_trained(value) else self.look.colour.warning
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_bar(painter, self.values.origin, value, colour)

    def paint_knob(self, painter: QPainter, value: float, is_raised: bool, has_focus: bool) -> None:
        """The knob at `value`; a little larger under the hand, with a ring when the keyboard is here."""
        colour = self.look.colour
        centre = QPointF(self.x_of(value), self.height_px / 2)
        radius = self.look.size.knob_width / 2 + (1 if is_raised else 0)
        if has_focus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colour.focus), 2))
            painter.drawEllipse(centre, radius + 2, radius + 2)
        painter.setPen(QPen(QColor(colour.knob_edge), 1))
        painter.setBrush(QColor(colour.knob))
        painter.drawEllipse(centre, radius, radius)

    def _paint_bar(self, painter: QPainter, start: float, end: float, colour: str) -> None:
        left, right = sorted((self.x_of(start), self.x_of(end)))
        height = self.look.size.groove_height
        painter.setBrush(QColor(colour))
        bar = QRectF(left - height / 2, (self.height_px - height) / 2, right - left + height, height)
        painter.drawRoundedRect(bar, height / 2, height / 2)


class SliderTrack(QAbstractSlider):
    """A slider of floats. QAbstractSlider counts grains and makes it a slider for assistive technology.

    Signals:
        value_moved(value): the person moved the knob.
        edit_started(), edit_finished(): around one drag, one turn of the wheel or one held key.
        reset_requested(): double click.
        typing_requested(): Enter or F2, to type the number.
    """

    value_moved = Signal(float)
    edit_started = Signal()
    edit_finished = Signal()
    reset_requested = Signal()
    typing_requested = Signal()

    def __init__(self, value_range: ValueRange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = value_range
        self._themes = theme_source()
        self._exact_value = value_range.default
        self._grabbed_px = 0.0
        self._is_editing = False
        self._takes_wheel = False
        self._turned = 0.0  # grains that a touch pad has not filled up yet
        self._entered_at = QPointF()
        self._wheel_end = QTimer(self, interval=_WHEEL_ENDS_AFTER_MS, singleShot=True)
        self._wheel_end.timeout.connect(self.end_edit)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setRange(self._grains(value_range.low), self._grains(value_range.high))
        self.setSingleStep(max(1, self._grains(value_range.step)))
        self.setPageStep(max(1, self._grains(value_range.step * 10)))
        self.set_exact_value(value_range.default)
        self.valueChanged.connect(self._on_value_changed)
        self._themes.theme_changed.connect(self.update)

    @property
    def look(self) -> Theme:
        """How it looks and how large it is."""
        return self._themes.theme

    @property
    def exact_value(self) -> float:
        """The value as it was set or moved to."""
        return self._exact_value

    def set_exact_value(self, value: float) -> None:
        """Show `value`; tells nobody."""
        grains = self._grains(self._range.clamped(value))
        is_trained = self._range.is_trained(self._exact_value)
        self._exact_value = value
        if grains == self.value() and is_trained == self._range.is_trained(value):
            return  # nothing to see: a drag shows every slider anew, and most have moved by a rounding error
        was_blocked = self.blockSignals(True)
        self.setValue(grains)
        self.blockSignals(was_blocked)
        self.update()

    def begin_edit(self) -> None:
        """Open an edit unless one is open."""
        if not self._is_editing:
            self._is_editing = True
            self.edit_started.emit()

    def begin_turning(self) -> None:
        """Open an edit that closes by itself once nothing has turned it for a moment."""
        self.begin_edit()
        self._wheel_end.start()

    def end_edit(self) -> None:
        """Close the open edit."""
        self._wheel_end.stop()
        if self._is_editing:
            self._is_editing = False
            self.edit_finished.emit()

    def sizeHint(self) -> QSize:
        """A comfortable target for a finger."""
        return QSize(140, self.look.size.control_height)

    def minimumSizeHint(self) -> QSize:
        """Still long enough to aim."""
        return QSize(60, self.look.size.control_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, trained part, filled part, knob."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else _DISABLED_OPACITY)
        sketch = self._sketch()
        sketch.paint_groove(painter)
        sketch.paint_fill(painter, self._exact_value, hue_of(self))
        is_raised = self.underMouse() or self.isSliderDown()
        sketch.paint_knob(painter, self._exact_value, is_raised, self.hasFocus())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the knob where it is held, or bring it under the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.begin_edit()
        self.setSliderDown(True)
        self._grabbed_px = event.position().x() - self._sketch().x_of(self._exact_value)
        if abs(self._grabbed_px) > self.look.size.knob_width / 2:
            self._grabbed_px = 0.0
            self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the knob."""
        if event.globalPosition() != self._entered_at:
            self._takes_wheel = True
        if self.isSliderDown():
            self._move_to(event.position().x() - self._grabbed_px)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the knob go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.end_edit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the default."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the value, a step a notch; a page that scrolls by itself under a resting pointer keeps the wheel."""
        if not (self._takes_wheel or self.hasFocus()):
            event.ignore()
            return
        self.begin_turning()
        delta = event.angleDelta()
        self._turned += (delta.y() or delta.x()) / _WHEEL_STEP * self.singleStep()
        grains = int(self._turned)
        self._turned -= grains
        self.setValue(self.value() + grains)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Page Up and Down, Home and End move the knob; Enter and F2 lead to the number."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.typing_requested.emit()
            return
        if Qt.Key(event.key()) in _KEYS:
            self.begin_edit()
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """A held key is one edit."""
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self.end_edit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Remember where the pointer was: a page that scrolls does not move it."""
        self._entered_at = event.globalPosition()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Give the wheel back to the page."""
        self._takes_wheel = False
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No edit outlives the focus."""
        super().focusOutEvent(event)
        self.end_edit()

    def hideEvent(self, event: QHideEvent) -> None:
        """No edit outlives the widget's sight."""
        super().hideEvent(event)
        self.setSliderDown(False)
        self.end_edit()

    def _on_value_changed(self, grains: int) -> None:
        value = self._range.clamped(round(grains * self._range.grain, 9))
        if value != self._exact_value:
            self._exact_value = value
            self.update()
            self.value_moved.emit(value)

    def _move_to(self, x_px: float) -> None:
        self.setValue(self._grains(self._sketch().value_at(x_px)))

    def _grains(self, value: float) -> int:
        return round(value / self._range.grain)

    def _sketch(self) -> SliderSketch:
        return SliderSketch(self._range, self.look, self.width(), self.height())
