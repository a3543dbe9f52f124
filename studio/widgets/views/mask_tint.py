"""Draws a mask over a picture: a tint, hatching and an outline, so that no one has to tell it by colour."""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from studio.core.masked_picture import BoolArray, FloatArray
from studio.widgets.theme import theme

_TINT_ALPHA: Final = 96
_HATCH: Final = "#ffffff"
_HATCH_ALPHA: Final = 150
_HATCH_PX: Final = 9
_BRUSH_DASH: Final = (3.0, 3.0)


class MaskTint:
    """Keeps the drawn tint until the mask, the size or the colours change."""

    def __init__(self) -> None:
        self._painted: BoolArray = np.zeros((1, 1), np.bool_)
        self._values: FloatArray = np.zeros((1, 1), np.float32)
        self._edges: npt.NDArray[np.float64] = np.zeros((0, 4))
        self._drawn: tuple[int, int, str] | None = None
        self._image = QImage()
        self._lines_in: QRectF | None = None
        self._lines: list[QLineF] = []

    def set_mask(self, painted: BoolArray, values: FloatArray) -> None:
        """Draw this from now on: what was painted (H, W), and how much of each pixel is made anew."""
        self._painted, self._values = painted, values
        self._edges = pixel_edges(painted)
        self._drawn = self._lines_in = None

    def paint(self, painter: QPainter, rect: QRectF, fill: str) -> None:
        """Draw tint and outline into `rect`, with sharp pixels, in the colour `fill`."""
        if not self._values.any() or rect.isEmpty():
            return
        ratio = painter.device().devicePixelRatioF()
        key = (round(rect.width() * ratio), round(rect.height() * ratio), fill)
        if key != self._drawn:
            self._image, self._drawn = tinted(self._values, key[0], key[1], ratio, fill), key
        painter.drawImage(rect, self._image)
        self.paint_outline(painter, rect)

    def paint_outline(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the outline alone, which hides nothing of the picture."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if rect != self._lines_in:
            self._lines, self._lines_in = edge_lines(self._edges, self._painted.shape, rect), QRectF(rect)
        for width, colour in ((3.0, theme().colour.ink), (1.4, theme().colour.paper)):
            painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
            painter.drawLines(self._lines)


def tinted(values: FloatArray, width_px: int, height_px: int, ratio: float, fill: str) -> QImage:
    """The tint and its hatching, as dense as the values (H, W) say, at the resolution of the screen."""
    sheet = QImage(width_px, height_px, QImage.Format.Format_ARGB32_Premultiplied)
    tint = QColor(fill)
    tint.setAlpha(_TINT_ALPHA)
    sheet.fill(tint)
    painter = QPainter(sheet)
    painter.fillRect(sheet.rect(), QBrush(_hatch_tile(round(_HATCH_PX * ratio))))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(QRectF(0, 0, width_px, height_px), _cover(values))
    painter.end()
    return sheet


@lru_cache(maxsize=4)
def _hatch_tile(side_px: int) -> QImage:
    """A square of slanted lines that goes on where it ends."""
    tile = QImage(side_px, side_px, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    hatch = QColor(_HATCH)
    hatch.setAlpha(_HATCH_ALPHA)
    painter.setPen(QPen(hatch, side_px / 7))
    for shift in (-side_px, 0, side_px):
        painter.drawLine(QLineF(shift - side_px, 2 * side_px, shift + 2 * side_px, -side_px))
    painter.end()
    return tile


def _cover(values: FloatArray) -> QImage:
    alpha = np.ascontiguousarray((values * np.float32(255) + np.float32(0.5)).astype(np.uint8))
    height, width = alpha.shape
    return QImage(alpha.data, width, height, width, QImage.Format.Format_Alpha8).copy()


def pixel_edges(painted: BoolArray) -> npt.NDArray[np.float64]:
    """The sides (N, 4) between painted pixels (H, W) and others, as x, y, x, y in pixels."""
    padded = np.pad(painted, 1)
    rows, columns = np.nonzero(padded[:, 1:] != padded[:, :-1])
    upright = np.stack([columns, rows - 1, columns, rows], axis=1)
    rows, columns = np.nonzero(padded[1:] != padded[:-1])
    level = np.stack([columns - 1, rows, columns, rows], axis=1)
    return np.concatenate([upright, level]).astype(np.float64)


def edge_lines(edges: npt.NDArray[np.float64], shape: tuple[int, ...], rect: QRectF) -> list[QLineF]:
    """The same on the canvas."""
    scale = np.array([rect.width() / shape[1], rect.height() / shape[0]] * 2)
    placed = edges * scale + np.array([rect.x(), rect.y()] * 2)
    return [QLineF(*line) for line in placed.tolist()]


def paint_brush(painter: QPainter, at: QPointF, radius: float, is_erasing: bool) -> None:
    """A ring as large as the brush with a plus in it; an eraser's is dashed and has a minus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, colour in ((3.2, theme().colour.ink), (1.4, theme().colour.paper)):
        pen = QPen(QColor(colour), width)
        painter.setPen(pen)
        painter.drawLine(at - QPointF(4, 0), at + QPointF(4, 0))
        if is_erasing:
            pen.setDashPattern([dash * 1.4 / width for dash in _BRUSH_DASH])
            painter.setPen(pen)
        else:
            painter.drawLine(at - QPointF(0, 4), at + QPointF(0, 4))
        painter.drawEllipse(at, radius, radius)
