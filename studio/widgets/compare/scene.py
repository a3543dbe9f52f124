"""Lays two pictures out beside each other, under a wipe, in turns, or as their difference, and paints them."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

from studio.render.colour_map import coloured_amount, coloured_sign
from studio.render.difference import Amount, amount, brightness_difference, colour_difference
from studio.render.pixel import enlarge_smooth
from studio.widgets.compare.legend import LEGEND_PX, paint_legend
from studio.widgets.compare.side import LINE_PX, Side, paint_side
from studio.widgets.theme import theme
from studio.widgets.views.picture import image_from_array

Mode = Literal["side", "wipe", "blink", "difference"]
MODES: Final[tuple[Mode, ...]] = ("side", "wipe", "blink", "difference")
_GAP_PX: Final = 16
_MARGIN_PX: Final = 4
_NAMES_PX: Final = 560  # wanted for two names over one picture
_LEGEND_WIDTH_PX: Final = 360
_HANDLE_PX: Final = 15.0
_SMALL_PX: Final = 96


class Layer:
    """One picture, empty at first."""

    def __init__(self) -> None:
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """What it shows: (H, W) or (H, W, 3) uint8."""
        return self._pixels

    def show(self, pixels: NDArray[np.uint8] | None) -> None:
        """Take another picture; the same array again costs nothing."""
        if pixels is not self._pixels:
            self._pixels = pixels
            self._image = QImage()

    def fitted(self, room: QRectF) -> QRectF:
        """The largest rectangle in the shape of the picture, centred in `room`."""
        n_rows, n_columns = (1, 1) if self._pixels is None else self._pixels.shape[:2]
        scale = min(room.width() / n_columns, room.height() / n_rows)
        width, height = max(1, round(n_columns * scale)), max(1, round(n_rows * scale))
        left, top = room.x() + (room.width() - width) / 2, room.y() + (room.height() - height) / 2
        return QRectF(round(left), round(top), width, height)

    def paint(self, painter: QPainter, rect: QRectF, ratio: float) -> None:
        """Draw the picture into `rect` with rounded corners; `ratio` is device pixels per unit."""
        if self._pixels is None:
            return
        width_px, height_px = round(rect.width() * ratio), round(rect.height() * ratio)
        if (self._image.width(), self._image.height()) != (width_px, height_px):
            self._image = scaled_image(self._pixels, width_px, height_px)
        brush = QBrush(self._image)
        scale = QTransform.fromScale(1 / ratio, 1 / ratio)
        brush.setTransform(scale * QTransform.fromTranslate(rect.x(), rect.y()))
        painter.setBrush(brush)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        radius = theme().size.radius
        painter.drawRoundedRect(rect, radius, radius)


def scaled_image(pixels: NDArray[np.uint8], width_px: int, height_px: int) -> QImage:
    """Resample a picture, (H, W) or (H, W, 3) uint8, to an image of that size.

    Small ones are enlarged as everywhere in the program; larger ones need no curve through their pixels, and could not
    have one sixty times a second.
    """
    is_small = max(pixels.shape[:2]) <= _SMALL_PX
    if is_small and width_px >= pixels.shape[1] and height_px >= pixels.shape[0]:
        return image_from_array(enlarge_smooth(pixels, width_px, height_px))
    mode = Qt.TransformationMode.SmoothTransformation
    return image_from_array(pixels).scaled(width_px, height_px, Qt.AspectRatioMode.IgnoreAspectRatio, mode)


class Scene:
    """What a comparison shows, without a window.

    Attributes:
        sides: which runs and frames the two pictures are.
        mode: how they are laid out.
        divider: where the wipe stands, as a share of the picture's width: A is left of it, B right.
        shows_b: which one is on show when they take turns.
    """

    def __init__(self) -> None:
        self.sides = (Side("A"), Side("B"))
        self.mode: Mode = "side"
        self.divider = 0.5
        self.shows_b = False
        self._is_signed = False
        self._layers = (Layer(), Layer())
        self._difference = Layer()
        self._amount: Amount | None = None

    def show_pictures(self, a: NDArray[np.uint8] | None, b: NDArray[np.uint8] | None) -> None:
        """Take two pictures, (H, W) or (H, W, 3) uint8; None where a run has none."""
        if a is not self._layers[0].pixels or b is not self._layers[1].pixels:
            self._forget_difference()
        self._layers[0].show(a)
        self._layers[1].show(b)

    @property
    def is_signed(self) -> bool:
        """Whether the difference says which one is brighter instead of how far apart the colours are."""
        return self._is_signed

    def set_signed(self, is_signed: bool) -> None:
        """Choose what the difference says."""
        self._is_signed = is_signed
        self._forget_difference()

    @property
    def amount(self) -> Amount | None:
        """How much the two differ in the chosen way; None while one of them is missing."""
        self._compute_difference()
        return self._amount

    def _forget_difference(self) -> None:
        self._difference.show(None)
        self._amount = None

    def _compute_difference(self) -> None:
        a, b = (layer.pixels for layer in self._layers)
        if self._difference.pixels is not None or a is None or b is None:
            return
        values = brightness_difference(a, b) if self._is_signed else colour_difference(a, b)
        self._amount = amount(values)
        self._difference.show(coloured_sign(values) if self._is_signed else coloured_amount(values))

    def picture_rect(self, room: QRectF) -> QRectF:
        """Where the one picture lies that all modes but "side" have."""
        legend_px = theme().scaled(LEGEND_PX) if self.mode == "difference" else 0
        larger = max(self._layers, key=lambda layer: 0 if layer.pixels is None else layer.pixels.shape[0])
        return larger.fitted(_under_names(room).adjusted(0, 0, 0, -legend_px))

    def paint(self, painter: QPainter, room: QRectF, ratio: float) -> None:
        """Draw everything into `room`; `ratio` is device pixels per unit."""
        if self.mode == "side":
            self._paint_beside(painter, room, ratio)
            return
        rect = self.picture_rect(room)
        if self.mode == "wipe":
            self._paint_wipe(painter, rect, ratio)
        elif self.mode == "blink":
            layer = self._layers[self.shows_b]
            layer.paint(painter, layer.fitted(rect), ratio)
        else:
            self._compute_difference()
            self._difference.paint(painter, rect, ratio)
        wide = _widened(rect, room, _NAMES_PX)
        self._paint_names(painter, QRectF(wide.x(), rect.y() - _line_px(), wide.width(), _line_px()))
        if self.mode == "difference":
            wide = _widened(rect, room, _LEGEND_WIDTH_PX)
            legend = QRectF(wide.x(), rect.bottom() + 8, wide.width(), theme().scaled(LEGEND_PX) - 8)
            paint_legend(painter, legend, self._is_signed)

    def _paint_beside(self, painter: QPainter, room: QRectF, ratio: float) -> None:
        width = (room.width() - _GAP_PX) / 2
        for place, (layer, side) in enumerate(zip(self._layers, self.sides, strict=True)):
            half = QRectF(room.x() + place * (width + _GAP_PX), room.y(), width, room.height())
            rect = layer.fitted(_under_names(half))
            layer.paint(painter, rect, ratio)
            line = QRectF(half.x(), rect.y() - _line_px(), half.width(), _line_px())
            paint_side(painter, line, side, Qt.AlignmentFlag.AlignHCenter)

    def _paint_wipe(self, painter: QPainter, rect: QRectF, ratio: float) -> None:
        x = rect.x() + self.divider * rect.width()
        left, right = rect.adjusted(-2, -2, 2, 2), rect.adjusted(-2, -2, 2, 2)
        left.setRight(x)
        right.setLeft(x)
        for layer, clip in zip(self._layers, (left, right), strict=True):
            painter.save()
            painter.setClipRect(clip)
            layer.paint(painter, layer.fitted(rect), ratio)
            painter.restore()
        _paint_handle(painter, x, rect)

    def _paint_names(self, painter: QPainter, line: QRectF) -> None:
        if self.mode == "blink":
            paint_side(painter, line, self.sides[self.shows_b], Qt.AlignmentFlag.AlignHCenter)
            return
        half = line.width() / 2 - _GAP_PX / 2
        left, right = QRectF(line.topLeft(), line.bottomRight()), QRectF(line)
        left.setRight(line.x() + half)
        right.setLeft(line.right() - half)
        paint_side(painter, left, self.sides[0], Qt.AlignmentFlag.AlignLeft)
        paint_side(painter, right, self.sides[1], Qt.AlignmentFlag.AlignRight)


def _line_px() -> int:
    return theme().scaled(LINE_PX)


def _under_names(room: QRectF) -> QRectF:
    return room.adjusted(_MARGIN_PX, _line_px(), -_MARGIN_PX, -_MARGIN_PX)


def _widened(rect: QRectF, room: QRectF, wanted_px: int) -> QRectF:
    """The width of a picture, or what names and numbers want where it is too narrow for them."""
    width = min(room.width() - 2 * _MARGIN_PX, max(rect.width(), theme().scaled(wanted_px)))
    return QRectF(rect.center().x() - width / 2, rect.y(), width, rect.height())


def _paint_handle(painter: QPainter, x: float, rect: QRectF) -> None:
    colour = theme().colour
    for width, ink in ((4, colour.knob_edge), (2, colour.knob)):
        painter.setPen(QPen(QColor(ink), width))
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
    at = QPointF(x, rect.center().y())
    painter.setPen(QPen(QColor(colour.knob_edge), 1))
    painter.setBrush(QColor(colour.knob))
    painter.drawEllipse(at, _HANDLE_PX, _HANDLE_PX)
    painter.setPen(QPen(QColor(colour.ink), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for sign in (-1, 1):
        tip = at + QPointF(sign * 8, 0)
        painter.drawLine(tip, tip + QPointF(-sign * 4, -4))
        painter.drawLine(tip, tip + QPointF(-sign * 4, 4))
