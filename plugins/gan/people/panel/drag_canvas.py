"""The points to be pulled, over the picture: red handles, arrows to their targets, the region that may move."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.api.panel import ARROWS, ImageView, clipped, hue_of, rounded, theme, theme_source
from studio.core.translation import N_, _, plural

from ..state import DragGoals, DragPair, Point

DOT_PX: Final = 6.0
REACH_PX: Final = 12.0
LEAST_DRAG_PX: Final = 4.0
CURSOR_STEP: Final = 1 / 64
FAST: Final = 4
RED: Final = "#ef4444"
WHITE: Final = "#ffffff"
SHADE: Final = 110


class DragOverlay(QWidget):
    """Press where something is, let go where it shall be; press on a point to move it, click it right to remove it.

    With the brush the left button paints what may move. By keys: arrows move a cross, Enter sets a handle and then its
    target, Delete removes the point next to the cross, Escape drops a handle that has no target yet.

    Signals: pair_drawn(Pair), pair_changed(index, Pair), pair_removed(index), stroke_drawn(Pulls) with the new region.
    """

    pair_drawn = Signal(object)
    pair_changed = Signal(int, object)
    pair_removed = Signal(int)
    stroke_drawn = Signal(object)

    def __init__(self, canvas: ImageView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setObjectName("pull_overlay")
        self.setAccessibleName(_("Points on the picture"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)
        self._pulls = DragGoals()
        self._handles: npt.NDArray[np.float32] | None = None  # where they are while the picture creeps
        self._held: tuple[int | None, bool, DragPair] | None = None  # which pair, by its handle?, as it is now
        self._stroke: tuple[Point, DragGoals] | None = None
        self._cursor: Point | None = None
        self.is_brush = False
        self.radius = 0.12
        theme_source().theme_changed.connect(self.update)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the canvas."""
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return False

    def show_pulls(self, pulls: DragGoals) -> None:
        """Show these points and this region."""
        self._pulls, self._held, self._stroke = pulls, None, None
        n = len(pulls.pairs)
        self.setAccessibleDescription(plural(N_("{n} point is set."), N_("{n} points are set."), n))
        self.update()

    def show_handles(self, handles: npt.NDArray[np.float32] | None) -> None:
        """Show where the handles (N, 2) are by now; None for where they were set."""
        fits = handles is not None and len(handles) == len(self._pulls.pairs)
        self._handles = handles if fits else None
        self.update()

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a point, set a new one, begin a stroke, or remove a point with the right button."""
        at = self._share_of(event.position())
        near = self._pulls.nearest(at, REACH_PX / self._side())
        if event.button() == Qt.MouseButton.RightButton:
            if near is not None:
                self.pair_removed.emit(near)
        elif event.button() == Qt.MouseButton.LeftButton and self.is_brush:
            self._stroke = at, self._pulls.with_dab(at, at, self.radius)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = self._taken(at, near)
        self.update()

    def _taken(self, at: Point, near: int | None) -> tuple[int | None, bool, DragPair]:
        if near is None:
            return None, False, DragPair(at, at)
        pair = self._pulls.pairs[near]
        return near, _distance(at, pair.handle) < _distance(at, pair.target), pair

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the arrow, or go on with the stroke."""
        at = self._share_of(event.position())
        if self._held is not None:
            index, is_handle, pair = self._held
            self._held = index, is_handle, DragPair(at, pair.target) if is_handle else DragPair(pair.handle, at)
        elif self._stroke is not None:
            last, pulls = self._stroke
            self._stroke = at, pulls.with_dab(last, at, self.radius)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: the pair, or the stroke, is there."""
        held, stroke = self._held, self._stroke
        self._held = self._stroke = None
        if held is not None:
            self._let_go(*held)
        elif stroke is not None:
            self.stroke_drawn.emit(stroke[1])
        self.update()

    def _let_go(self, index: int | None, _: bool, pair: DragPair) -> None:
        is_pull = _distance(pair.handle, pair.target) * self._side() >= LEAST_DRAG_PX
        if index is not None:
            self.pair_changed.emit(index, pair)
        elif is_pull:
            self.pair_drawn.emit(pair)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel turned while points are set changes nothing of the face."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Set, move and remove points by keys; other keys go on to the window."""
        key = Qt.Key(event.key())
        way = ARROWS.get(key)
        if way is not None:
            step = CURSOR_STEP * (FAST if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            x, y = self._cursor or (0.5, 0.5)
            self._cursor = min(max(x + way[0] * step, 0.0), 1.0), min(max(y + way[1] * step, 0.0), 1.0)
            self._move_held(self._cursor)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._press_at(self._cursor or (0.5, 0.5))
        elif key == Qt.Key.Key_Delete:
            near = self._pulls.nearest(self._cursor or (0.5, 0.5), 2 * REACH_PX / self._side())
            if near is not None:
                self.pair_removed.emit(near)
        elif key == Qt.Key.Key_Escape and self._held is not None:
            self._held = None
        else:
            super().keyPressEvent(event)
        self.update()

    def _move_held(self, at: Point) -> None:
        if self._held is not None:
            self._held = None, False, DragPair(self._held[2].handle, at)

    def _press_at(self, at: Point) -> None:
        if self.is_brush:
            self.stroke_drawn.emit(self._pulls.with_dab(at, at, self.radius))
        elif self._held is None:
            self._held = None, False, DragPair(at, at)
        else:
            held, self._held = self._held, None
            self._let_go(*held)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shade what stays, then draw the arrows with their dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pulls = self._pulls if self._stroke is None else self._stroke[1]
        if pulls.movable is not None:
            self._paint_shade(painter, _shade(pulls.movable))
        for number, pair in enumerate(self._shown_pairs(), 1):
            self._paint_pair(painter, pair, number)
        if self._cursor is not None and self.hasFocus():
            self._paint_cross(painter, self._place_of(self._cursor))
        painter.end()

    def _paint_shade(self, painter: QPainter, shade: QImage) -> None:
        """Lay it over the picture, with the picture's round corners."""
        rect = self._canvas.content_rect()
        outline = rounded(rect, theme().size.radius_picture)
        with clipped(painter, outline):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, shade)

    def _shown_pairs(self) -> list[DragPair]:
        pairs = list(self._pulls.pairs)
        if self._handles is not None:
            pairs = [
                DragPair((float(x), float(y)), pair.target) for (x, y), pair in zip(self._handles, pairs, strict=True)
            ]
        if self._held is not None:
            index, _, pair = self._held
            pairs = [*pairs, pair] if index is None else [*pairs[:index], pair, *pairs[index + 1 :]]
        return pairs

    def _paint_pair(self, painter: QPainter, pair: DragPair, number: int) -> None:
        start, end = self._place_of(pair.handle), self._place_of(pair.target)
        for width, colour in ((5.0, theme().colour.ink), (2.2, WHITE)):
            painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(start, end)
            for tip in _barbs(start, end):
                painter.drawLine(end, tip)
        painter.setPen(QPen(QColor(WHITE), 2))
        painter.setBrush(QColor(RED))
        painter.drawEllipse(start, DOT_PX, DOT_PX)
        painter.setPen(QPen(QColor(WHITE), 2))
        painter.setBrush(QColor(hue_of(self).fill))
        painter.drawEllipse(end, DOT_PX - 1.5, DOT_PX - 1.5)
        self._paint_number(painter, start, str(number))

    def _paint_number(self, painter: QPainter, at: QPointF, text: str) -> None:
        plate = QRectF(at.x() + DOT_PX + 2, at.y() - DOT_PX - 14, 16, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.ink))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(WHITE))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_cross(self, painter: QPainter, at: QPointF) -> None:
        for width, colour in ((4.0, theme().colour.ink), (1.6, WHITE)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(at - QPointF(9, 0), at + QPointF(9, 0))
            painter.drawLine(at - QPointF(0, 9), at + QPointF(0, 9))

    def _side(self) -> float:
        return max(1.0, self._canvas.content_rect().width())

    def _share_of(self, at: QPointF) -> Point:
        rect = self._canvas.content_rect()
        x, y = (at.x() - rect.x()) / rect.width(), (at.y() - rect.y()) / rect.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _place_of(self, share: Point) -> QPointF:
        rect = self._canvas.content_rect()
        return QPointF(rect.x() + share[0] * rect.width(), rect.y() + share[1] * rect.height())


def _distance(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _barbs(start: QPointF, end: QPointF) -> list[QPointF]:
    """The ends of the two lines of an arrow's head."""
    way = np.array([start.x() - end.x(), start.y() - end.y()])
    length = float(np.hypot(*way))
    if length < LEAST_DRAG_PX:
        return []
    along = way / length * 12
    across = np.array([-along[1], along[0]]) * 0.55
    return [end + QPointF(*(along + side * across)) for side in (-1, 1)]


def _shade(movable: npt.NDArray[np.bool_]) -> QImage:
    """A dark sheet over what stays, (H, W)."""
    alpha = np.ascontiguousarray(np.where(movable, 0, SHADE).astype(np.uint8))
    sheet = np.zeros((*movable.shape, 4), np.uint8)
    sheet[..., 3] = alpha
    height, width = movable.shape
    return QImage(sheet.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
