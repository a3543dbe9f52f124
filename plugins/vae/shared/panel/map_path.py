"""The path on the latent map: drawn with the mouse, edited by its dots, walked by a ring."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.api.panel import hue_of, theme
from studio.core.translation import N_, _, translate

from .map_geometry import stroke_points

DOT_RADIUS_PX, SELECTED_RADIUS_PX, RING_RADIUS_PX = 4.0, 5.5, 8.0
DOT_REACH_PX, LINE_REACH_PX = 8.0, 5.0
DRAG_FROM_PX = 3.0
KEY_STEP_PX = 8.0
Points = npt.NDArray[np.float64]
MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MapPath(QObject):
    """What the mouse and the keys do to the path on `canvas`, and how it looks there.

    Signals (places in the coordinates of the map):
        drawn(points, is_loop): a stroke was drawn, a list of (x, y) for its keyframes.
        dot_chosen(index): the keys act on this keyframe now.
        dot_dragged(index, x, y): a keyframe is being moved there, by mouse or arrow key.
        dot_inserted(number): put a keyframe on the route at this number, behind the keyframe int(number).
        dot_removed(index): take a keyframe out.
        edit_started(), edit_finished(): around the moves of one drag.
        drawing_changed(is_drawing): the mode of drawing was switched; after one stroke it is over.
    """

    drawn = Signal(list, bool)
    dot_chosen = Signal(int)
    dot_dragged = Signal(int, float, float)
    dot_inserted = Signal(float)
    dot_removed = Signal(int)
    edit_started = Signal()
    edit_finished = Signal()
    drawing_changed = Signal(bool)

    def __init__(
        self,
        canvas: QWidget,
        to_pixels: Callable[[Points], Points],
        to_plane: Callable[[QPointF], tuple[float, float]],
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._to_pixels = to_pixels
        self._to_plane = to_plane
        self._route: Points = np.zeros((0, 2))
        self._dots: Points = np.zeros((0, 2))
        self._n_segments = 0
        self._current: tuple[float, float] | None = None
        self._line: list[QLineF] | None = None
        self._stroke: list[QPointF] | None = None
        self._pressed_at: QPointF | None = None
        self._is_editing = False
        self._hovered: tuple[int | None, float | None] = None, None
        self.is_drawing = False
        self.selected: int | None = None

    # What it shows

    def show(self, route: Points, dots: Points, is_loop: bool) -> None:
        """Show a path: its course (N, 2), cut into equally many pieces for each segment, and its keyframes (K, 2)."""
        self._route, self._dots = route, dots
        self._n_segments = 0 if len(dots) < 2 else len(dots) if is_loop else len(dots) - 1
        if self.selected is not None and self.selected >= len(dots):
            self.selected = None
        self._hovered = None, None
        self.lay_out()

    def show_current(self, place: tuple[float, float] | None) -> None:
        """Show where on the path one is."""
        if place != self._current:
            self._current = place
            self._canvas.update()

    def lay_out(self) -> None:
        """Place everything anew, after the map was zoomed or resized."""
        self._line = None
        self._canvas.update()

    def set_drawing(self, is_drawing: bool) -> None:
        """Start or end the mode in which a drag draws a new path."""
        if is_drawing == self.is_drawing:
            return
        self.is_drawing = is_drawing
        self._stroke = None
        self.selected = None
        self._canvas.update()
        self.drawing_changed.emit(is_drawing)

    # The mouse; presses and moves say whether they were meant for the path

    def press(self, pixel: QPointF) -> bool:
        """The left button goes down."""
        if self.is_drawing:
            self._stroke = [pixel]
            return True
        dot, number = self._under(pixel)
        self.selected, self._pressed_at = dot, pixel
        if dot is not None:
            self.dot_chosen.emit(dot)
        elif number is not None:
            self._insert(number)
        self._canvas.update()
        return dot is not None or number is not None

    def _insert(self, number: float) -> None:
        """Ask for a keyframe; where one comes, it is dragged on."""
        n_before = len(self._dots)
        self._start_edit()
        self.dot_inserted.emit(number)
        if len(self._dots) > n_before:
            self.selected = int(number) + 1

    def move(self, pixel: QPointF) -> bool:
        """The pointer moves, with the left button or without."""
        if self._stroke is not None:
            self._stroke.append(pixel)
            self._canvas.update()
            return True
        if self._pressed_at is None or self.selected is None:
            self._hover(pixel)
            return False
        if self._is_editing or (pixel - self._pressed_at).manhattanLength() >= DRAG_FROM_PX:
            self._start_edit()
            self.dot_dragged.emit(self.selected, *self._inside(pixel))
        return True

    def release(self) -> None:
        """The left button goes up."""
        if self._stroke is not None:
            self._finish_stroke()
        self._pressed_at = None
        was_editing, self._is_editing = self._is_editing, False
        if was_editing:
            self.edit_finished.emit()

    def double_click(self, pixel: QPointF) -> bool:
        """Take out the keyframe under the pointer."""
        dot, number = self._under(pixel)
        if dot is not None:
            self._remove(dot)
        return self.is_drawing or dot is not None or number is not None

    def leave(self) -> None:
        """The pointer has left the map."""
        self._hovered = None, None
        self._canvas.update()

    def key(self, key: Qt.Key) -> bool:
        """A key goes down: arrows move the chosen keyframe, Page Up and Down choose another, Delete takes it out."""
        if key == Qt.Key.Key_Escape and (self.is_drawing or self.selected is not None):
            self.set_drawing(False)
            self.selected = None
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and len(self._dots):
            step = 1 if key == Qt.Key.Key_PageDown else -1
            self.selected = (step > 0) - 1 if self.selected is None else self.selected + step
            self.selected %= len(self._dots)
            self.dot_chosen.emit(self.selected)
        elif self.selected is None:
            return False
        elif key in MOVES:
            x_px, y_px = self._to_pixels(self._dots[self.selected])
            right, down = MOVES[key]
            moved = QPointF(x_px + KEY_STEP_PX * right, y_px + KEY_STEP_PX * down)
            self.dot_dragged.emit(self.selected, *self._inside(moved))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove(self.selected)
        else:
            return False
        self._canvas.update()
        return True

    def hint(self, pixel: QPointF) -> str:
        """What one can do at a pixel, or an empty text."""
        dot, number = self._under(pixel)
        if dot is not None:
            text = N_("Keyframe {n}: drag or use the arrow keys to move it, double-click or press Delete to remove it")
            return translate(text).format(n=dot + 1)
        return "" if number is None else _("Click to add a keyframe here")

    @property
    def cursor(self) -> Qt.CursorShape:
        """The pointer's shape over what it is on."""
        dot, number = self._hovered
        if dot is not None and not self.is_drawing:
            return Qt.CursorShape.SizeAllCursor
        if number is not None and not self.is_drawing:
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.CrossCursor

    def _start_edit(self) -> None:
        if not self._is_editing:
            self._is_editing = True
            self.edit_started.emit()

    def _remove(self, index: int) -> None:
        self.selected = self._pressed_at = None
        self.dot_removed.emit(index)

    def _finish_stroke(self) -> None:
        stroke, self._stroke = self._stroke or [], None
        points, is_loop = stroke_points([(pixel.x(), pixel.y()) for pixel in stroke])
        self._canvas.update()
        if len(points):
            self.set_drawing(False)
            self.drawn.emit([self._inside(QPointF(x, y)) for x, y in points.tolist()], is_loop)

    def _inside(self, pixel: QPointF) -> tuple[float, float]:
        """The place under a pixel, at the edge for pixels beyond it."""
        width, height = self._canvas.width(), self._canvas.height()
        return self._to_plane(QPointF(min(max(pixel.x(), 0), width), min(max(pixel.y(), 0), height)))

    def _hover(self, pixel: QPointF) -> None:
        hovered = self._under(pixel)
        if hovered != self._hovered:
            self._hovered = hovered
            self._canvas.update()

    def _under(self, pixel: QPointF) -> tuple[int | None, float | None]:
        """The keyframe under a pixel, or else the number on the route."""
        if self.is_drawing or not len(self._dots):
            return None, None
        at = np.array([pixel.x(), pixel.y()])
        distances = np.linalg.norm(self._to_pixels(self._dots) - at, axis=1)
        if distances.min() <= DOT_REACH_PX:
            return int(distances.argmin()), None
        return None, self._number_at(at)

    def _number_at(self, at: Points) -> float | None:
        if not self._n_segments:
            return None
        line = self._to_pixels(self._route)
        start, way = line[:-1], np.diff(line, axis=0)
        squares = np.maximum(np.sum(way**2, axis=1), 1e-12)
        share = np.clip(np.sum((at - start) * way, axis=1) / squares, 0, 1)
        distances = np.linalg.norm(start + share[:, None] * way - at, axis=1)
        piece = int(distances.argmin())
        if distances[piece] > LINE_REACH_PX:
            return None
        return float((piece + share[piece]) / len(way) * self._n_segments)

    def _pixel_of(self, number: float) -> QPointF:
        """Where a number on the route lies."""
        line = self._to_pixels(self._route)
        at = number / self._n_segments * (len(line) - 1)
        pieces = np.arange(len(line))
        return QPointF(float(np.interp(at, pieces, line[:, 0])), float(np.interp(at, pieces, line[:, 1])))

    # How it looks

    def paint(self, painter: QPainter) -> None:
        """Draw the route, its keyframes, the ring and the stroke that is being drawn."""
        colour, hue = theme().colour, QColor(hue_of(self._canvas).fill)
        if self._line is None:
            self._line = _pieces([QPointF(x, y) for x, y in self._to_pixels(self._route).tolist()])
        strong = QColor(colour.text_strong)
        self._paint_line(painter, self._line, strong)
        if self._stroke is not None:
            self._paint_line(painter, _pieces(self._stroke), hue)
        if self._hovered[1] is not None:
            painter.setPen(QPen(QColor(colour.canvas), 1))
            painter.setBrush(hue)
            painter.drawEllipse(self._pixel_of(self._hovered[1]), DOT_RADIUS_PX - 1, DOT_RADIUS_PX - 1)
        for index, (x, y) in enumerate(self._to_pixels(self._dots).tolist()):
            is_chosen = index in (self.selected, self._hovered[0])
            painter.setPen(QPen(QColor(colour.focus) if index == self.selected else QColor(colour.canvas), 2))
            painter.setBrush(strong if index else hue)
            radius = SELECTED_RADIUS_PX if is_chosen else DOT_RADIUS_PX
            painter.drawEllipse(QPointF(x, y), radius, radius)
        self._paint_ring(painter, hue)

    def _paint_line(self, painter: QPainter, line: list[QLineF], ink: QColor) -> None:
        """A light line with a dark rim shows on pictures and on empty ground.

        Straight pieces with flat ends take Qt an eighth of the time of one long line.
        """
        for width, colour in ((4.0, QColor(theme().colour.canvas)), (1.75, ink)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLines(line)

    def _paint_ring(self, painter: QPainter, hue: QColor) -> None:
        if self._current is None:
            return
        x, y = self._to_pixels(np.array(self._current)).tolist()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, colour in ((5.0, QColor(theme().colour.canvas)), (2.5, hue)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(QPointF(x, y), RING_RADIUS_PX, RING_RADIUS_PX)


def _pieces(points: list[QPointF]) -> list[QLineF]:
    return [QLineF(a, b) for a, b in pairwise(points)]
