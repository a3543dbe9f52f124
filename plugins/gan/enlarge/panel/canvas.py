"""Two versions of a large picture under a wipe, to be zoomed and moved about together."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.api.panel import InteractiveCanvas, image_from_array, theme
from studio.core.translation import _

from ..state import EnlargeSheet
from .lens import Lens

CRISP_FROM: Final = 3.0
ZOOM_STEP: Final = 1.25
PAN_PX: Final = 60.0
DIVIDER_STEP: Final = 0.02
GRIP_PX: Final = 12.0
HANDLE_PX: Final = 13.0
LEAST_HANDLED_PX: Final = 80.0
PLATE_PX: Final = (8.0, 4.0, 8.0)  # air beside and above the words, and around the plate
NOTCH: Final = 120.0
_PANS: Final = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_ZOOMS: Final = {Qt.Key.Key_Plus: ZOOM_STEP, Qt.Key.Key_Equal: ZOOM_STEP, Qt.Key.Key_Minus: 1 / ZOOM_STEP}


class _Layer:
    """The part of a sheet that was drawn last, so that only what is new is cut and mixed."""

    def __init__(self) -> None:
        self.sheet: EnlargeSheet | None = None
        self._cut: tuple[EnlargeSheet | None, tuple[int, int, int, int], bool] | None = None
        self._image = QImage()

    def paint(self, painter: QPainter, lens: Lens, ratio: float) -> None:
        if self.sheet is None:
            return
        is_small = lens.scale * ratio * self.sheet.factor <= 1.0 and self.sheet.factor > 1
        is_overview = is_small or not self.sheet.parts
        left, top, right, bottom = lens.visible
        if is_overview:
            right, bottom = self.sheet.overviews[0].shape[1], self.sheet.overviews[0].shape[0]
            left = top = 0
        key = (self.sheet, (left, top, right, bottom), is_overview)
        if self._cut is None or key[0] is not self._cut[0] or key[1:] != self._cut[1:]:
            self._image = image_from_array(self.sheet.cut(left, top, right, bottom, is_overview))
            self._cut = key
        x, y, width, height = lens.rect
        scale = lens.scale
        room = QRectF(x + left * scale, y + top * scale, (right - left) * scale, (bottom - top) * scale)
        is_smooth = scale * ratio < CRISP_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        painter.drawImage(QRectF(x, y, width, height) if is_overview else room, self._image)


class WipeView(InteractiveCanvas):
    """Left of the divider lies the comparison, right of it the enlarged picture.

    Drag the divider, or the picture to move it; the wheel zooms at the pointer, a double click goes to full size
    and back. Left and right arrows move the divider, with Shift all arrows move the picture; + and - zoom.

    Signals: divider_moved(share); painted().
    """

    divider_moved = Signal(float)
    room_px, least_px = (640, 440), (160, 120)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers = (_Layer(), _Layer())
        self._names = ("", "")
        self._held: QPointF | None = None
        self._is_dividing = False
        self.lens = Lens()
        self.divider = 0.5
        self.setObjectName("wipe_view")
        self.setAccessibleName(_("Picture"))
        self.setMouseTracking(True)

    # What it shows

    def show_sheets(self, left: EnlargeSheet | None, right: EnlargeSheet | None, names: tuple[str, str]) -> None:
        """Show two sheets of one size, with a word for each; another size starts with the whole picture."""
        sheet = right or left
        if sheet is not None and sheet.size != self.lens.size:
            self.lens = Lens(sheet.size, (float(self.width()), float(self.height())))
        self._layers[0].sheet, self._layers[1].sheet = left, right
        self._names = names
        self._describe()
        self.update()

    @property
    def sheet(self) -> EnlargeSheet | None:
        """The enlarged picture."""
        return self._layers[1].sheet

    def set_divider(self, share: float) -> None:
        """Move the divider to a share of the picture's width; emits nothing."""
        self.divider = min(max(share, 0.0), 1.0)
        self._describe()
        self.update()

    def swap(self) -> None:
        """Show all of what is left of the divider, or all of what is right of it."""
        self.set_divider(0.0 if self.divider > 0 else 1.0)

    def fit(self) -> None:
        """Show the whole picture."""
        self.set_zoom(None)

    def show_full(self) -> None:
        """Show a pixel of the picture for each of the screen."""
        self.set_zoom(1 / self.devicePixelRatioF())

    def set_zoom(self, zoom: float | None) -> None:
        """Zoom at the middle of the view; None shows the whole picture."""
        self._look(self.lens.zoomed(zoom, self.width() / 2, self.height() / 2))

    def set_lens(self, zoom: float | None, centre: tuple[float, float]) -> None:
        """Show the same part as another time."""
        self._look(replace(self.lens, zoom=zoom, centre=centre).kept())

    def _look(self, lens: Lens) -> None:
        self.lens = lens
        self.update()

    def _describe(self) -> None:
        text = _("Left of the divider at {percent} %: {left}. Right of it: {right}.")
        left, right = self._names
        self.setAccessibleDescription(text.format(percent=round(100 * self.divider), left=left, right=right))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both pictures, the divider, their names, and the ring that shows the keyboard's place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.sheet is not None:
            self._paint_sheets(painter)
        if self._shows_focus:
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
        self.painted.emit()

    def _paint_sheets(self, painter: QPainter) -> None:
        picture, x = self._picture_rect(), self._divider_x()
        left, right = QRectF(self.rect()), QRectF(self.rect())
        left.setRight(x)
        if self._layers[0].sheet is not None:
            right.setLeft(x)
        for layer, clip in zip(self._layers, (left, right), strict=True):
            painter.save()
            painter.setClipRect(clip)
            layer.paint(painter, self.lens, self.devicePixelRatioF())
            painter.restore()
        seen = picture.intersected(QRectF(self.rect()))
        if self._layers[0].sheet is not None and seen.left() <= x <= seen.right():
            self._paint_handle(painter, x, seen)
        self._paint_names(painter, seen, x)

    def _paint_handle(self, painter: QPainter, x: float, seen: QRectF) -> None:
        colour = theme().colour
        for width, ink in ((4, colour.knob_edge), (2, colour.knob)):
            painter.setPen(QPen(QColor(ink), width))
            painter.drawLine(QPointF(x, seen.top()), QPointF(x, seen.bottom()))
        if min(seen.width(), seen.height()) < LEAST_HANDLED_PX:
            return
        at = QPointF(x, seen.center().y())
        painter.setPen(QPen(QColor(colour.knob_edge), 1))
        painter.setBrush(QColor(colour.knob))
        painter.drawEllipse(at, HANDLE_PX, HANDLE_PX)
        painter.setPen(QPen(QColor(colour.ink), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for sign in (-1, 1):
            tip = at + QPointF(sign * 7, 0)
            painter.drawLine(tip, tip + QPointF(-sign * 3.5, -3.5))
            painter.drawLine(tip, tip + QPointF(-sign * 3.5, 3.5))

    def _paint_names(self, painter: QPainter, seen: QRectF, x: float) -> None:
        """Each word at its side of the divider, where there is room for it."""
        across, above, around = PLATE_PX
        font = theme().font("small", QFont.Weight.Medium)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        for name, is_left in zip(self._names, (True, False), strict=True):
            width = metrics.horizontalAdvance(name) + 2 * across
            room = (x - seen.left() if is_left else seen.right() - max(x, seen.left())) - 2 * around
            if not name or width > room:
                continue
            left = seen.left() + around if is_left else seen.right() - around - width
            plate = QRectF(left, seen.top() + around, width, metrics.height() + 2 * above)
            painter.setPen(QPen(QColor(theme().colour.border), 1))
            painter.setBrush(QColor(theme().colour.card))
            painter.drawRoundedRect(plate, theme().size.radius_small, theme().size.radius_small)
            painter.setPen(QColor(theme().colour.text_strong))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, name)

    def _picture_rect(self) -> QRectF:
        return QRectF(*self.lens.rect)

    def _divider_x(self) -> float:
        rect = self._picture_rect()
        return rect.x() + self.divider * rect.width()

    # Hands

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle in the middle."""
        super().resizeEvent(event)
        self.lens = replace(self.lens, room=(float(self.width()), float(self.height()))).kept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the divider or of the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._held = event.position()
            self._is_dividing = event.button() == Qt.MouseButton.LeftButton and self._is_at_divider(event.position())
            self._show_cursor(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what was taken hold of."""
        if self._held is None:
            self._show_cursor(event.position())
        elif self._is_dividing:
            rect = self._picture_rect()
            self._move_divider((event.position().x() - rect.x()) / rect.width())
        else:
            way, self._held = event.position() - self._held, event.position()
            self._look(self.lens.panned(way.x(), way.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None
        self._is_dividing = False
        self._show_cursor(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to full size at this place, or back to the whole picture; on the divider put it into the middle."""
        if self._is_at_divider(event.position()):
            self._move_divider(0.5)
            return
        full = 1 / self.devicePixelRatioF()
        wanted = full if self.lens.zoom is None and self.lens.fitted < full else 2 * full
        zoom = wanted if self.lens.zoom is None else None
        self._look(self.lens.zoomed(zoom, event.position().x(), event.position().y()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        notches = event.angleDelta().y() / NOTCH
        at = event.position()
        self._look(self.lens.zoomed(self.lens.scale * ZOOM_STEP**notches, at.x(), at.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the divider, with Shift the picture; + and - zoom."""
        key = Qt.Key(event.key())
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in _ZOOMS:
            self.set_zoom(self.lens.scale * _ZOOMS[key])
        elif key in _PANS and has_shift:
            dx, dy = _PANS[key]
            self._look(self.lens.panned(dx * PAN_PX, dy * PAN_PX))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._move_divider(self.divider + (DIVIDER_STEP if key == Qt.Key.Key_Right else -DIVIDER_STEP))
        else:
            super().keyPressEvent(event)

    def _move_divider(self, share: float) -> None:
        self.set_divider(share)
        self.divider_moved.emit(self.divider)

    def _is_at_divider(self, position: QPointF) -> bool:
        return self._layers[0].sheet is not None and abs(position.x() - self._divider_x()) <= GRIP_PX

    def _show_cursor(self, position: QPointF) -> None:
        shapes = Qt.CursorShape
        if self._is_dividing or (self._held is None and self._is_at_divider(position)):
            self.setCursor(shapes.SplitHCursor)
        else:
            self.setCursor(shapes.OpenHandCursor if self._held is None else shapes.ClosedHandCursor)
