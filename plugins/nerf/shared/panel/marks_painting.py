"""Paints notes and a ruler over a picture of their scene: on the canvas, and into pictures and films that are saved."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from studio.api.panel import array_from_image, image_from_array, theme
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.view import Image

from ..camera.camera import Camera, camera_from_position
from ..marks import Marks, length_words

_DOT_PX: Final = 4.0
_PADDING_PX: Final = (8, 3)
_HIDDEN: Final = 0.35
"""How opaque a mark is that something stands in front of."""
_SLACK: Final = 0.03
"""Of its distance; a mark that lies on a surface is not hidden by it."""
_USUAL_PX: Final = 480
"""The height of a picture in which words are as large as in the window."""
_CAMERA: Final = ("rotation", "pivot", "distance", "fov")

DistanceAt = Callable[[float, float], float | None]


def seen_by_nobody(x_px: float, y_px: float) -> float | None:
    """How far the surface is where nobody knows it."""
    return None


@dataclass(frozen=True)
class MarksPainter:
    """Paints marks in one colour, into any picture, on any thread.

    Attributes:
        hue: of dots and ruler. words, edge, card: colours of the labels.
    """

    marks: Marks
    hue: str
    words: str
    edge: str
    card: str
    font: QFont

    def paint(self, painter: QPainter, size: tuple[float, float], camera: Camera, distance_at: DistanceAt) -> None:
        """Draw them over a picture of width and height; what lies behind a surface is faint."""
        marks = self.marks
        points = np.array([*marks.ruler, *(note.point for note in marks.notes)])
        if not len(points):
            return
        places, depths = camera.project(points, *size)
        away = np.linalg.norm(points - camera.eye, axis=1)
        ends = ["", *([length_words(marks.length, marks.metres)] * (len(marks.ruler) - 1))][: len(marks.ruler)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font)
        if len(marks.ruler) == 2 and (depths[:2] > 0).all():
            painter.setPen(QPen(QColor(self.hue), 2))
            painter.drawLine(QPointF(*map(float, places[0])), QPointF(*map(float, places[1])))
        texts = [*ends, *(note.words for note in marks.notes)]
        for place, depth, distance, text in zip(places, depths, away, texts, strict=True):
            if depth > 0:
                surface = distance_at(float(place[0]), float(place[1]))
                is_hidden = surface is not None and surface < distance * (1 - _SLACK)
                painter.setOpacity(_HIDDEN if is_hidden else 1.0)
                self.paint_mark(painter, QPointF(*map(float, place)), text, size[0])
        painter.restore()

    def paint_mark(self, painter: QPainter, place: QPointF, text: str, width: float) -> None:
        """Draw one dot with its words, in a picture of this width."""
        painter.setPen(QPen(QColor(self.card), 1))
        painter.setBrush(QColor(self.hue))
        painter.drawEllipse(place, _DOT_PX, _DOT_PX)
        if not text:
            return
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width) // 3)
        size = metrics.horizontalAdvance(shown) + 2 * _PADDING_PX[0], metrics.height() + 2 * _PADDING_PX[1]
        box = QRectF(place.x() + 2 * _DOT_PX, place.y() - size[1] / 2, *size)
        painter.setPen(QPen(QColor(self.edge), 1))
        painter.setBrush(QColor(self.card))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(self.words))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)


def marks_painter(marks: Marks, hue: str) -> MarksPainter:
    """What paints marks in the colours of the window."""
    colour = theme().colour
    return MarksPainter(marks, hue, colour.text_strong, colour.control_border, colour.card, theme().font("small"))


def frame_with(painter: MarksPainter, frame: Frame) -> Frame:
    """The same frame, with the marks in its picture; one without a picture or a camera is as it was."""
    picture = frame.main_view
    if not isinstance(picture, Image) or frame.state is None or not set(_CAMERA) <= set(frame.state):
        return frame
    views = {
        name: Image(_painted(painter, view, camera_from_position(frame.state))) if view is picture else view
        for name, view in frame.views.items()
    }
    return replace(frame, views=views)


def clip_with(painter: MarksPainter, clip: Clip) -> Clip:
    """The same clip, with the marks in its pictures."""
    frames, draw = clip.frames, partial(frame_with, painter)

    def painted(start: int, stop: int) -> Iterator[Frame]:
        return map(draw, frames(start, stop))

    return replace(clip, frames=painted)


def _painted(marks: MarksPainter, picture: Image, camera: Camera) -> npt.NDArray[np.uint8]:
    image = image_from_array(picture.pixels)
    width, height = image.width(), image.height()
    painter, scale = QPainter(image), max(1.0, height / _USUAL_PX)
    painter.scale(scale, scale)
    marks.paint(painter, (width / scale, height / scale), camera, seen_by_nobody)
    painter.end()
    return array_from_image(image, max(width, height))
