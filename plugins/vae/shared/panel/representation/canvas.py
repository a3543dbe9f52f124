"""The map of everything: every picture lies where its place is; one goes there, drags through, selects with a lasso."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import PICTURE, Sized, hue_of, theme
from studio.core.translation import _

from ...representation.places import within
from ..map_geometry import Viewport
from .kept_map import MAX_ZOOM
from .mosaic import Colours, Mosaic
from .tiles import Tiles, whole_image

MARGIN: Final = 1.05
ZOOM_STEP: Final = 1.25
PAN_SHARE: Final = 0.15
DRAG_FROM_PX: Final = 4
MIN_LASSO: Final = 3
BAR_PX: Final = 240.0
_WAITING: Final = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
_WAYS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ZOOMS: Final = {Qt.Key.Key_Plus: ZOOM_STEP, Qt.Key.Key_Equal: ZOOM_STEP, Qt.Key.Key_Minus: 1 / ZOOM_STEP}


def viewport(x: float = 0.0, y: float = 0.0, zoom: float = 1.0) -> Viewport:
    """What is seen of a map around a point; all of it at zoom 1."""
    return replace(Viewport(MARGIN, MARGIN, max_zoom=MAX_ZOOM), zoom=zoom).panned_to(x, y)


class EverythingCanvas(Sized, QWidget):
    """Click or drag to go there, Shift-drag to select, wheel to zoom, right-drag or arrow keys to move the map.

    Attributes:
        view: what of the map is seen.
        waiting: what is said while there are no pictures, and which share of the work is done, 0 to 1.

    Signals:
        picked(x, y, index): go there; index is that of the picture under the pointer, -1 for a place between them.
        drag_started(), drag_finished(): around the moves of a drag.
        selected(mask): the lasso was closed around these pictures, (N,) bool, or None for none of them.
        hovered(index): the pointer is over another picture, -1 for none.
        painted(is_whole): a frame was painted, and whether nothing was missing.
    """

    spoken_role = PICTURE
    room_px, least_px = (640, 420), (200, 160)

    picked = Signal(float, float, int)
    drag_started = Signal()
    drag_finished = Signal()
    selected = Signal(object)
    hovered = Signal(int)
    painted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("everything_map")
        self.setAccessibleName(_("Map of everything"))
        self.setAccessibleDescription(
            _("Every picture lies at its place. The arrow keys move the map, + and - zoom, Home shows all of it.")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.view = viewport()
        self._mosaic: Mosaic | None = None
        self._tiles = Tiles()
        self._marker: tuple[float, float] | None = None
        self._lasso: list[QPointF] = []
        self._pressed: QPointF | None = None
        self._pan_from: QPointF | None = None
        self._is_dragging = False
        self._hovered = -1
        self.waiting = ("", 0.0)

    @property
    def mosaic(self) -> Mosaic | None:
        """What is drawn, None before there is something."""
        return self._mosaic

    # What it shows

    def show_mosaic(self, mosaic: Mosaic | None, view: Viewport | None = None) -> None:
        """Show other pictures, or the same at other positions: all of them, or what of them is seen by a view."""
        self._mosaic, self._hovered, self._marker = mosaic, -1, None
        self._tiles, self.view = Tiles(), view or viewport()
        self.update()

    def show_waiting(self, words: str, share: float) -> None:
        """While there are no pictures: say why, and which share of the work is done, 0 to 1."""
        self.waiting = (words, share)
        if self._mosaic is None:
            self.update()

    def show_colours(self, colours: Colours) -> None:
        """Give the pictures other colours."""
        if self._mosaic is not None:
            paper = QColor(theme().colour.canvas)
            self._mosaic.colour(colours, (paper.red(), paper.green(), paper.blue()))
            self._tiles.forget()
            self.update()

    def show_selected(self, mask: npt.NDArray[np.bool_] | None) -> None:
        """Let all others be pale."""
        if self._mosaic is not None:
            self._mosaic.select(mask)
            self._tiles.forget()
            self.update()

    def show_marker(self, x: float, y: float) -> None:
        """Mark the present place."""
        self._marker = (x, y)
        self.update()

    def fit(self) -> None:
        """Show the whole map."""
        self.view = viewport()
        self.update()

    def picture(self, scale: int) -> QImage:
        """What is seen, everything `scale` times as large."""
        assert self._mosaic is not None
        return whole_image(self._mosaic, self.view, self.width() * scale, self.height() * scale, scale)

    # Hands

    def plane(self, pixel: QPointF) -> tuple[float, float]:
        """The place of the map under a pixel."""
        return self.view.to_plane(pixel.x(), pixel.y(), self.width(), self.height())

    def under(self, pixel: QPointF) -> int:
        """The picture under a pixel, -1 for none."""
        if self._mosaic is None:
            return -1
        return self._mosaic.under((pixel.x(), pixel.y()), self.view, self.width(), self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pixel = event.position()
        if event.button() in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            self._pan_from = pixel
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._mosaic is not None:
            self._lasso = [pixel]
        elif event.button() == Qt.MouseButton.LeftButton and self._mosaic is not None:
            self._pressed = pixel
            self.drag_started.emit()
            self.picked.emit(*self.plane(pixel), self.under(pixel))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pixel = event.position()
        if self._pan_from is not None:
            self._pan(pixel - self._pan_from)
            self._pan_from = pixel
        elif self._lasso:
            self._lasso.append(pixel)
            self.update()
        elif self._pressed is not None:
            self._is_dragging |= (pixel - self._pressed).manhattanLength() >= DRAG_FROM_PX
            if self._is_dragging:
                self.picked.emit(*self.plane(pixel), -1)
        else:
            self._hover(self.under(pixel))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self.setCursor(Qt.CursorShape.CrossCursor)
        elif self._lasso:
            self._close_lasso()
        elif self._pressed is not None:
            self._pressed, self._is_dragging = None, False
            self.drag_finished.emit()

    def _close_lasso(self) -> None:
        corners, self._lasso = np.array([(pixel.x(), pixel.y()) for pixel in self._lasso]), []
        self.update()
        if self._mosaic is None or len(corners) < MIN_LASSO:
            return
        mask = within(self.view.to_pixels(self._mosaic.positions, self.width(), self.height()), corners)
        self.selected.emit(mask if mask.any() else None)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.hovered.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def _pan(self, moved: QPointF) -> None:
        x, y = self.view.scale(self.width(), self.height())
        self.view = self.view.panned_to(self.view.centre_x - moved.x() / x, self.view.centre_y + moved.y() / y)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.view = self.view.zoomed(ZOOM_STEP ** (event.angleDelta().y() / 120), self.plane(event.position()))
        self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._lasso:
            self._lasso = []
        elif key in _WAYS:
            right, up = _WAYS[key]
            self._pan(QPointF(-right * self.width(), up * self.height()) * PAN_SHARE)
        elif key in _ZOOMS:
            self.view = self.view.zoomed(_ZOOMS[key], (self.view.centre_x, self.view.centre_y))
        elif key == Qt.Key.Key_Home:
            self.fit()
        else:
            super().keyPressEvent(event)
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().colour.canvas))
        if self._mosaic is None:
            self._paint_waiting(painter)
            return
        ratio = max(1, round(self.devicePixelRatioF()))
        painter.scale(1 / ratio, 1 / ratio)
        size = self.width() * ratio, self.height() * ratio
        is_whole = self._tiles.paint(painter, self._mosaic, self.view, *size, ratio)
        painter.scale(ratio, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marker(painter)
        self._paint_lasso(painter)
        self._paint_focus(painter)
        painter.end()
        self.painted.emit(is_whole)
        if not is_whole:
            self.update()

    def _paint_waiting(self, painter: QPainter) -> None:
        words, share = self.waiting
        painter.setPen(QColor(theme().colour.text_muted))
        middle = self.rect().center()
        painter.drawText(self.rect().adjusted(0, 0, 0, middle.y() - self.height()), _WAITING, words)
        if share > 0:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for width, colour in ((BAR_PX, theme().colour.border), (BAR_PX * min(1.0, share), hue_of(self).fill)):
                painter.setBrush(QColor(colour))
                painter.drawRoundedRect(QRectF(middle.x() - BAR_PX / 2, middle.y() + 12, width, 4), 2, 2)

    def _paint_marker(self, painter: QPainter) -> None:
        if self._marker is not None:
            centre = QPointF(*self.view.to_pixel(*self._marker, self.width(), self.height()))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for width, colour in ((5.0, theme().colour.canvas), (2.5, hue_of(self).fill)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawEllipse(centre, 12, 12)

    def _paint_lasso(self, painter: QPainter) -> None:
        if self._lasso:
            fill = QColor(hue_of(self).fill)
            painter.setPen(QPen(fill, 2))
            fill.setAlpha(50)
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF(self._lasso))

    def _paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
