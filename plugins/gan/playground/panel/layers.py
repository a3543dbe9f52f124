"""Draws the layers of the playground's square: each kind of point has a shape of its own, not only a colour."""

from collections.abc import Mapping, Set
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from studio.api.panel import image_from_array, theme
from studio.core.translation import N_, _, translate

from ..model.network import Floats
from ..model.target import EXTENT
from ..view_model import PairView, tinted

_ARROW: Final = 0.55  # the longest, in units of the square
_LEAST_ARROW_PX: Final = 1.5
_HEAD_PX: Final = 5
_TINT: Final = {True: 0.5, False: 0.42}  # of the map, on dark paper and on bright
_SOLID: Final = Qt.PenStyle.SolidLine
_ROUND: Final = Qt.PenCapStyle.RoundCap
_SQUARE: Final = Qt.PenCapStyle.SquareCap


def drawn_ground(look: PairView, rect: QRectF, ratio: float, layers: Set[str]) -> QImage:
    """What does not move between two frames, at the resolution of the screen: the paper or map, and the real points."""
    if "map" in layers:
        image = _drawn_map(look, rect, ratio)
    else:
        image = QImage(_size_px(rect, ratio), QImage.Format.Format_RGB32)
        image.fill(QColor(theme().colour.field))
    image.setDevicePixelRatio(ratio)
    if "real" in layers and len(look.real):
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_real(painter, look.real, QRectF(0, 0, rect.width(), rect.height()))
        painter.end()
    return image


def _size_px(rect: QRectF, ratio: float) -> QSize:
    return QSize(round(rect.width() * ratio), round(rect.height() * ratio))


def _drawn_map(look: PairView, rect: QRectF, ratio: float) -> QImage:
    colour, hues = theme().colour, theme().hues
    paper, real, fake = (_rgb(name) for name in (colour.field, hues["vae"].fill, hues["gan"].fill))
    small = image_from_array(tinted(look.chance[::-1], paper, real, fake, _TINT[sum(paper) < 384]))
    smooth = Qt.TransformationMode.SmoothTransformation
    large = small.scaled(_size_px(rect, ratio), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return large.convertToFormat(QImage.Format.Format_RGB32)


def _paint_real(painter: QPainter, points: Floats, rect: QRectF) -> None:
    """Round points."""
    size = _dot_px(rect)
    _paint_dots(painter, _polygon(points, rect), theme().hues["vae"].fill, size, size + 2, _ROUND)


def paint_fake(painter: QPainter, points: Floats, rect: QRectF) -> None:
    """Square points."""
    size = _dot_px(rect)
    _paint_dots(painter, _polygon(points, rect), theme().hues["gan"].fill, size - 1, size + 1, _SQUARE)


def _paint_dots(painter: QPainter, points: QPolygonF, fill: str, size: float, edge: float, cap: Qt.PenCapStyle) -> None:
    """Each point on an edge in the colour of the paper, so that it shows on the map as well."""
    for ink, width in ((theme().colour.field, edge), (fill, size)):
        painter.setPen(QPen(QColor(ink), width, _SOLID, cap))
        painter.drawPoints(points)


def paint_grid(painter: QPainter, grid: Floats, rect: QRectF) -> None:
    """The lines of a warped grid (G, G, 2)."""
    ink = QColor(theme().colour.text_strong)
    ink.setAlpha(110)
    painter.setPen(QPen(ink, 1))
    for lines in (grid, grid.transpose(1, 0, 2)):
        for line in lines:
            painter.drawPolyline(_polygon(line, rect))


def paint_arrows(painter: QPainter, look: PairView, rect: QRectF) -> None:
    """An arrow from every second forged point; such as would be too short to see are left out."""
    fake, arrows = look.fake[::2], look.arrows[::2]
    ink = QColor(theme().hues["gan"].fill)
    ink.setAlpha(200)
    painter.setPen(QPen(ink, 1.4))
    starts, ends = _pixels(fake, rect), _pixels(fake + np.float32(_ARROW) * arrows, rect)
    ways = ends - starts
    length = np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
    along = ways / length * np.minimum(length / 3, _HEAD_PX)
    across = along[:, ::-1] * (1, -1) * 0.6
    parts = [(starts, ends), (ends, ends - along + across), (ends, ends - along - across)]
    lines = np.concatenate([np.concatenate(part, axis=1) for part in parts])
    is_seen = np.tile(length[:, 0] > _LEAST_ARROW_PX, len(parts))
    painter.drawLines([QLineF(*line) for line in lines[is_seen].tolist()])


def paint_legend(painter: QPainter, rect: QRectF, height_px: float, with_map: bool) -> None:
    """What is what, under the square."""
    painter.setFont(theme().font("small"))
    metrics, x = painter.fontMetrics(), rect.left() + 4
    y = rect.bottom() + height_px / 2 + 2
    below = y + metrics.ascent() / 2 - 1
    kinds: Mapping[str, tuple[str, Qt.PenCapStyle, float]] = {
        N_("real"): (theme().hues["vae"].fill, _ROUND, 8.0),
        N_("fake"): (theme().hues["gan"].fill, _SQUARE, 6.0),
    }
    for name, (fill, cap, size) in kinds.items():
        painter.setPen(QPen(QColor(fill), size, _SOLID, cap))
        painter.drawPoint(QPointF(x + 4, y))
        painter.setPen(QColor(theme().colour.text_muted))
        painter.drawText(QPointF(x + 14, below), translate(name))
        x += 14 + metrics.horizontalAdvance(translate(name)) + 16
    text = _("background: the detective’s guess")
    if with_map and x + metrics.horizontalAdvance(text) <= rect.right():
        painter.drawText(QPointF(x, below), text)


def _dot_px(rect: QRectF) -> float:
    return max(4.0, rect.width() / 100)


def _pixels(points: Floats, rect: QRectF) -> Floats:
    """Places (N, 2) of the square as points of the canvas."""
    shares = (points / np.float32(EXTENT) + 1) / 2
    x, y = rect.x() + shares[:, 0] * rect.width(), rect.bottom() - shares[:, 1] * rect.height()
    return np.stack([x, y], axis=1)


def _polygon(points: Floats, rect: QRectF) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in _pixels(points, rect).tolist()])


def _rgb(name: str) -> tuple[int, int, int]:
    colour = QColor(name)
    return colour.red(), colour.green(), colour.blue()
