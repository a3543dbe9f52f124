"""Draws an inspected ray over the canvas: the places where it looked, as large as their share of the pixel."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.api.panel import theme

from .ray import FloatArray

_LEAST_PX, _MOST_PX = 1.6, 9.0
_RING_PX: Final = 4.0


@dataclass(frozen=True, eq=False)
class RayMarks:
    """An inspected ray as the viewer sees it.

    Attributes:
        places: float32 (S, 2), its samples in the canvas's device-independent pixels; NaN where they are behind.
        weights: float32 (S,), 0..1, the share of each in the colour of its pixel.
        colours: float32 (S, 3), sRGB 0..1.
    """

    places: FloatArray
    weights: FloatArray
    colours: FloatArray


def paint_ray(painter: QPainter, marks: RayMarks, chosen: int = -1) -> None:
    """Draw the ray and its samples; `chosen` is the one to be ringed, -1 for none."""
    is_seen = np.isfinite(marks.places).all(-1)
    if not is_seen.any():
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    seen = np.flatnonzero(is_seen)
    ends = [_point(marks.places[place]) for place in (seen[0], seen[-1])]
    for width, colour in ((3.0, theme().colour.knob_edge), (1.2, theme().colour.knob)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawLine(*ends)
    for place in sorted(seen, key=lambda sample: float(marks.weights[sample])):
        _paint_sample(painter, marks, int(place))
    if chosen in seen:
        radius = _radius(float(marks.weights[chosen])) + _RING_PX
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme().colour.focus), 2))
        painter.drawEllipse(_point(marks.places[chosen]), radius, radius)
    painter.restore()


def _paint_sample(painter: QPainter, marks: RayMarks, place: int) -> None:
    red, green, blue = (float(value) for value in np.clip(marks.colours[place], 0, 1))
    radius = _radius(float(marks.weights[place]))
    painter.setPen(QPen(QColor(theme().colour.knob_edge), 1))
    painter.setBrush(QColor.fromRgbF(red, green, blue))
    painter.drawEllipse(_point(marks.places[place]), radius, radius)


def _radius(weight: float) -> float:
    """The area of a mark grows with the weight, so that the eye adds them up rightly."""
    return float(np.sqrt(_LEAST_PX**2 + (_MOST_PX**2 - _LEAST_PX**2) * min(max(weight, 0.0), 1.0)))


def _point(place: FloatArray) -> QPointF:
    return QPointF(float(place[0]), float(place[1]))
