"""Draws the groove, the filled part and the knob of a slider."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.widgets.theme import Hue, Theme
from studio.widgets.value_range import ValueRange

_EDGE_PX: Final = 3.0  # room for the focus ring around the knob
_ORIGIN_PX: Final = 10.0  # height of the mark at zero


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
