"""Pictures with round corners: their outline, and painting within it."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath


def rounded(rect: QRectF, radius: float) -> QPainterPath:
    """The outline of a rectangle with round corners."""
    outline = QPainterPath()
    outline.addRoundedRect(rect, radius, radius)
    return outline


@contextmanager
def clipped(painter: QPainter, outline: QPainterPath) -> Iterator[None]:
    """Paint within an outline only; afterwards the painter is as it was."""
    painter.save()
    painter.setClipPath(outline)
    try:
        yield
    finally:
        painter.restore()
