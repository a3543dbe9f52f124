"""A frame over the canvas in which a person's picture is made smaller and shifted, so that the rest is invented."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.api.panel import ARROWS, WHEEL_STEP, PictureOverlay, hue_of, image_from_array, theme
from studio.core.translation import _

from ..outpainting import HANDLES, ByteArray, Handle, Placing, pixel_box

_SNAP_PX: Final = 7.0
_HIT_PX: Final = 12.0
_KNOB_PX: Final = 9.0
_HATCH_PX: Final = 12
_SCALE_STEP: Final = 1.05
_FAST: Final = 8  # pixels of the model that an arrow key goes with Shift
_INSIDE: Final[Handle] = (0, 0)
_CURSORS: Final = {
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    _INSIDE: Qt.CursorShape.SizeAllCursor,
}


class OutpaintFrame(PictureOverlay):
    """Drag the picture by its corners, its edges or its inside; Alt keeps it from snapping.

    Arrow keys shift it by a pixel of the model, eight with Shift; plus and minus or the wheel change its size; 0 and a
    double click let it fill the frame again; Enter is done, Escape leaves it.

    Signals:
        finished(placing): a drag or a key has ended; one step of undo.
        accepted(), cancelled(): Enter, Escape.
    """

    finished = Signal(object)
    accepted = Signal()
    cancelled = Signal()

    def __init__(self, canvas: QWidget, picture_rect: Callable[[], QRectF]) -> None:
        super().__init__(canvas, picture_rect)
        self.setObjectName("outpaint_frame")
        self.setAccessibleName(_("Where the picture goes in the frame"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._image = QImage()
        self._placing = Placing()
        self._held: Handle | None = None
        self._hovered: Handle | None = None
        self._grip = (0.0, 0.0)  # from the picture's left top to the hand that holds its inside
        self._before = Placing()
        self._describe()

    def placing(self) -> Placing:
        """Where the picture lies."""
        return self._placing

    def set_picture(self, pixels: ByteArray) -> None:
        """Show this picture (H, W, 3) of the model's size in the frame. Emits nothing."""
        self._image = image_from_array(pixels)
        self._describe()
        self.update()

    def set_placing(self, placing: Placing) -> None:
        """Lay the picture elsewhere; a drag under way ends unheard. Emits nothing."""
        self._held = None
        self._placing = placing.bounded()
        self._describe()
        self.update()

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a corner, an edge or the inside."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._handle_at(event.position())
            x, y = self.share_of(event.position())
            self._grip = x - self._placing.x, y - self._placing.y
            self._before = self._placing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let it follow the hand."""
        if self._held is None:
            self._hover(self._handle_at(event.position()))
            return
        x, y = self.share_of(event.position())
        tolerance = 0.0
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            tolerance = _SNAP_PX / max(self.picture_rect().width(), 1.0)
        if self._held == _INSIDE:
            moved = Placing(x - self._grip[0], y - self._grip[1], self._placing.scale).bounded()
            self._change(moved.snapped(tolerance))
        else:
            self._change(self._before.pulled(self._held, x, y).snapped_scale(self._held, tolerance))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton and self._held is not None:
            self._held = None
            self._finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fill the frame again."""
        self._before = self._placing
        self._change(Placing())
        self._finish()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Make it larger or smaller about its middle."""
        delta = event.angleDelta()
        self._scale((delta.y() or delta.x()) / WHEEL_STEP)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and scale by keys; others go on to the window."""
        key, way = Qt.Key(event.key()), ARROWS.get(Qt.Key(event.key()))
        if way is not None:
            step = _FAST if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._step(self._placing.moved(way[0] * step / self._width, way[1] * step / self._height))
        elif event.text() in ("+", "-", "="):
            self._scale(-1 if event.text() == "-" else 1)
        elif event.text() == "0":
            self._step(Placing())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accepted.emit()
        elif key == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _scale(self, steps: float) -> None:
        self._step(self._placing.scaled(self._placing.scale * _SCALE_STEP**steps, (0.5, 0.5)))

    def _step(self, placing: Placing) -> None:
        self._before = self._placing
        self._change(placing)
        self._finish()

    def _change(self, placing: Placing) -> None:
        if placing != self._placing:
            self._placing = placing
            self._describe()
            self.update()

    def _finish(self) -> None:
        if self._placing != self._before:
            self.finished.emit(self._placing)

    # Where things are

    @property
    def _width(self) -> int:
        return max(1, self._image.width())

    @property
    def _height(self) -> int:
        return max(1, self._image.height())

    def inner_rect(self) -> QRectF:
        """Where the person's picture lies on the canvas: on whole pixels of the model."""
        left, top, width, height = pixel_box(self._placing, self._height, self._width)
        corner = self.place_of(left / self._width, top / self._height)
        return QRectF(corner, self.place_of((left + width) / self._width, (top + height) / self._height))

    def knob(self, handle: Handle) -> QPointF:
        """The middle of a corner's or an edge's knob on the canvas."""
        rect = self.inner_rect()
        return rect.center() + QPointF(handle[0] * rect.width() / 2, handle[1] * rect.height() / 2)

    def _handle_at(self, at: QPointF) -> Handle | None:
        near = min(HANDLES, key=lambda handle: (self.knob(handle) - at).manhattanLength())
        if (self.knob(near) - at).manhattanLength() <= _HIT_PX:
            return near
        return _INSIDE if self.inner_rect().contains(at) else None

    def _hover(self, handle: Handle | None) -> None:
        if handle != self._hovered:
            self._hovered = handle
            self.setCursor(Qt.CursorShape.ArrowCursor if handle is None else _CURSORS[handle])
            self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is invented, the picture in its place, its knobs and its figures."""
        frame, inner = self.picture_rect(), self.inner_rect()
        if frame.isEmpty() or self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_invented(painter, frame)
        painter.save()
        painter.setClipRect(frame)
        painter.drawImage(inner, self._image)
        painter.restore()
        painter.setOpacity(0.35)
        painter.drawImage(inner, self._image)  # what sticks out of the frame is lost, and looks like it
        painter.setOpacity(1.0)
        self._paint_guides(painter, frame, inner)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme().colour.focus if self.hasFocus() else hue_of(self).fill), 2))
        painter.drawRect(inner)
        for handle in HANDLES:
            self._paint_knob(painter, handle)
        self._paint_figures(painter, frame)

    def _paint_invented(self, painter: QPainter, frame: QRectF) -> None:
        painter.save()
        painter.setClipRect(frame)
        painter.fillRect(frame, QColor(theme().colour.field))
        painter.setPen(QPen(QColor(theme().colour.control_border), 1.2))
        n_lines = int((frame.width() + frame.height()) / _HATCH_PX) + 1
        painter.drawLines(
            [
                QLineF(frame.x() + i * _HATCH_PX, frame.y(), frame.x() + i * _HATCH_PX - frame.height(), frame.bottom())
                for i in range(n_lines)
            ]
        )
        painter.restore()
        painter.setPen(QPen(QColor(theme().colour.text_muted), 1))
        painter.drawRect(frame)

    def _paint_guides(self, painter: QPainter, frame: QRectF, inner: QRectF) -> None:
        """Lines through the middle of the frame where the picture has snapped to it."""
        if self._held is None:
            return
        painter.setPen(QPen(QColor(theme().colour.focus), 1, Qt.PenStyle.DashLine))
        if abs(inner.center().x() - frame.center().x()) < 1:
            painter.drawLine(QLineF(frame.center().x(), frame.y(), frame.center().x(), frame.bottom()))
        if abs(inner.center().y() - frame.center().y()) < 1:
            painter.drawLine(QLineF(frame.x(), frame.center().y(), frame.right(), frame.center().y()))

    def _paint_knob(self, painter: QPainter, handle: Handle) -> None:
        side = _KNOB_PX + (3 if handle in (self._hovered, self._held) else 0)
        box = QRectF(0, 0, side, side)
        box.moveCenter(self.knob(handle))
        painter.setPen(QPen(QColor(theme().colour.knob_edge), 1))
        painter.setBrush(QColor(theme().colour.knob))
        painter.drawRoundedRect(box, 2, 2)

    def _paint_figures(self, painter: QPainter, frame: QRectF) -> None:
        painter.setFont(theme().font("small", QFont.Weight.Medium))
        room = frame.adjusted(10, 10, -10, -10)
        alignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        plate = painter.boundingRect(room, alignment, self._figures()).adjusted(-8, -4, 8, 4)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.setBrush(QColor(theme().colour.card))
        painter.drawRoundedRect(plate, theme().size.radius_small, theme().size.radius_small)
        painter.setPen(QColor(theme().colour.text_strong))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._figures())

    def _figures(self) -> str:
        left, top, width, height = pixel_box(self._placing, self._height, self._width)
        seen_width = min(left + width, self._width) - max(left, 0)
        seen_height = min(top + height, self._height) - max(top, 0)
        share = seen_width * seen_height / (self._width * self._height)
        text = _("{scale:.0f} % of its size; {share:.0f} % will be invented")
        return text.format(scale=100 * self._placing.scale, share=100 * (1 - share))

    def _describe(self) -> None:
        self.setAccessibleDescription(self._figures())
