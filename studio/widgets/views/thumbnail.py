"""Small square pictures of frames, for strips and previews."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from studio.core.frame import Frame
from studio.core.view import ByteArray, Field, Image
from studio.render.still import LOUDNESS, shown_view, still_pixels
from studio.widgets.views.picture import image_from_array

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
