"""Turns arrays into pictures that Qt can paint, and back, without sharing their memory."""

from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, qRgb

from studio.core.frame import Frame
from studio.core.view import ByteArray, Field, Image
from studio.render.pixel import enlarge_smooth
from studio.render.still import LOUDNESS, shown_view, still_pixels

_SMALL_PX: Final = 96
_CURVED: Final = 4


def image_from_array(pixels: NDArray[np.uint8]) -> QImage:
    """A QImage of grey (H, W), RGB (H, W, 3) or RGBA (H, W, 4) uint8 pixels.

    Raises ValueError for another shape or type.
    """
    formats = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }
    n_channels = 1 if pixels.ndim == 2 else pixels.shape[-1]
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or n_channels not in formats:
        raise ValueError(f"no picture: {pixels.dtype} of shape {pixels.shape}")
    return _copied(pixels, formats[n_channels], n_channels)


def image_from_coverage(coverage: NDArray[np.uint8], ink: str, paper: str) -> QImage:
    """A QImage of (H, W) uint8 coverage, drawn in `ink` on `paper` ("#rrggbb") through a colour table."""
    image = _copied(coverage, QImage.Format.Format_Indexed8, 1)
    image.setColorTable(_ramp(paper, ink))
    return image


def scaled_image(pixels: NDArray[np.uint8], width_px: int, height_px: int) -> QImage:
    """Resample a picture, (H, W) or (H, W, C) uint8, to an image of that size.

    Small ones are enlarged fourfold by the curve that the program draws files with, and by straight lines from there:
    of a face that is half a level off on the mean and takes a third of the time. Larger ones need no curve through
    their pixels, and could not have one sixty times a second.
    """
    high, wide = pixels.shape[:2]
    if max(high, wide) <= _SMALL_PX and width_px >= wide and height_px >= high:
        pixels = enlarge_smooth(pixels, min(width_px, _CURVED * wide), min(height_px, _CURVED * high))
    mode = Qt.TransformationMode.SmoothTransformation
    return image_from_array(pixels).scaled(width_px, height_px, Qt.AspectRatioMode.IgnoreAspectRatio, mode)


def array_from_image(image: QImage, most_px: int) -> NDArray[np.uint8]:
    """A picture as (H, W, 3) uint8, on white where it lets light through; smaller where a side is above `most_px`."""
    if max(image.width(), image.height()) > most_px:
        size = image.size().scaled(QSize(most_px, most_px), Qt.AspectRatioMode.KeepAspectRatio)
        mode = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(size.expandedTo(QSize(1, 1)), Qt.AspectRatioMode.IgnoreAspectRatio, mode)
    sheet = QImage(image.size(), QImage.Format.Format_RGB888)
    sheet.fill(Qt.GlobalColor.white)
    painter = QPainter(sheet)
    painter.drawImage(QRect(QPoint(0, 0), image.size()), image)
    painter.end()
    rows = np.frombuffer(sheet.constBits(), np.uint8).reshape(sheet.height(), sheet.bytesPerLine())
    return rows[:, : sheet.width() * 3].reshape(sheet.height(), sheet.width(), 3).copy()


def _copied(pixels: NDArray[np.uint8], pixel_format: QImage.Format, n_channels: int) -> QImage:
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, width * n_channels, pixel_format).copy()


@lru_cache(maxsize=8)
def _ramp(paper: str, ink: str) -> tuple[int, ...]:
    share = np.linspace(0.0, 1.0, 256)[:, None]
    ends = [np.array(_rgb(colour)) for colour in (paper, ink)]
    colours = np.rint(ends[0] * (1 - share) + ends[1] * share).astype(int)
    return tuple(qRgb(*map(int, colour)) for colour in colours)


def _rgb(colour: str) -> tuple[int, int, int]:
    parsed = QColor(colour)
    return parsed.red(), parsed.green(), parsed.blue()


_MAX_LETTERS: Final = 3


def frame_thumbnail(frame: Frame, size_px: int) -> QImage:
    """A square picture of a frame: of a long word only the first letters, of a wide photograph all of it.

    Letters lie on white paper; what a photograph leaves free stays transparent.
    Raises UserError where the frame shows no picture.
    """
    view = shown_view(frame)
    if isinstance(view, Field) and view.values.ndim == 3:
        frame = replace(frame, views={"picture": replace(view, values=view.values[:_MAX_LETTERS])})
    elif isinstance(view, Image):
        frame = replace(frame, views={"picture": Image(_coarser(view.pixels, 2 * size_px))})
    picture = image_from_array(still_pixels(frame, size_px))
    mode = Qt.TransformationMode.SmoothTransformation
    small = picture.scaled(size_px, size_px, Qt.AspectRatioMode.KeepAspectRatio, mode)
    is_paper = isinstance(view, Field) and view.meaning != LOUDNESS
    return _squared(small, size_px, Qt.GlobalColor.white if is_paper else Qt.GlobalColor.transparent)


def _coarser(pixels: ByteArray, least_px: int) -> ByteArray:
    """Every second, third … pixel of a picture (H, W) or (H, W, 3), at least `least_px` along its shorter side."""
    stride = max(1, min(pixels.shape[:2]) // least_px)
    return pixels[::stride, ::stride]


def _squared(small: QImage, size_px: int, paper: Qt.GlobalColor) -> QImage:
    square = QImage(size_px, size_px, QImage.Format.Format_ARGB32_Premultiplied)
    square.fill(paper)
    painter = QPainter(square)
    painter.drawImage((size_px - small.width()) // 2, (size_px - small.height()) // 2, small)
    painter.end()
    return square
