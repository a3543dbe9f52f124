"""What the scrubber marks: keyframes as diamonds, branches as small forks."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from studio.core.path.easing import Easing

DIAMOND_PX: Final = 6.0


@dataclass(frozen=True, eq=False)
class KeyframeMark:
    """A keyframe at `fraction` (0 to 1) of the whole time."""

    fraction: float
    easing: Easing = "linear"


def paint_diamond(painter: QPainter, centre: QPointF, fill: str, edge: str, size_px: float = DIAMOND_PX) -> None:
    """A square on its corner, `size_px` from centre to corner, with an edge that parts it from the line below."""
    x, y = centre.x(), centre.y()
    corners = [QPointF(x, y - size_px), QPointF(x + size_px, y), QPointF(x, y + size_px), QPointF(x - size_px, y)]
    painter.setPen(QPen(QColor(edge), 1.5))
    painter.setBrush(QColor(fill))
    painter.drawPolygon(QPolygonF(corners))


def paint_fork(painter: QPainter, foot: QPointF, ink: str) -> None:
    """A line that leaves the scrubber upwards to the right, with a dot at its end."""
    path = QPainterPath(foot)
    tip = foot + QPointF(10, -7)
    path.cubicTo(foot + QPointF(0, -6), foot + QPointF(2, -7), tip)
    painter.setPen(QPen(QColor(ink), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.setBrush(QColor(ink))
    painter.drawEllipse(tip, 2.5, 2.5)
