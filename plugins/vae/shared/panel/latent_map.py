"""The latent map: a plane of places with a live decode under the pointer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import PICTURE, hue_of, image_from_coverage, rounded, show_tip, theme
from studio.core.translation import _

from .map_geometry import Viewport
from .map_path import MapPath
from .representation.mosaic import Colours

WIDTH_PX, HEIGHT_PX = 308, 196
PICK_RADIUS_PX = 7.0
POINT_RADIUS_PX = 2.5
KEY_STEP_PX = 8.0


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Places with a name each.

    Attributes:
        positions: (N, 2) float32. colours: of each, None for that of the family.
        snaps: whether a click near one of them is one on it.
    """

    positions: npt.NDArray[np.float32]
    names: Sequence[str]
    colours: Colours | None = None
    snaps: bool = True


class LatentMap(QWidget):
    """Shows places as points, over the decoded manifold where there is one.

    Move the pointer for a preview, click or drag to go there, wheel to zoom, right-drag to pan, arrows move. A path
    lies on top, drawn and edited with the same mouse.

    Attributes:
        path: the path on the map, with its own signals.

    Signals:
        hovered(x, y, index): the pointer is over this place, which a click would pick.
        left(): the pointer has left the map.
        picked(x, y, index): go there; index is that of a named point, or -1 for a place between them.
        pick_started(), pick_finished(): around the moves of one drag.
    """

    spoken_role = PICTURE

    hovered = Signal(float, float, int)
    left = Signal()
    picked = Signal(float, float, int)
    pick_started = Signal()
    pick_finished = Signal()

    def __init__(self, is_square: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_square = is_square
        self.setObjectName("latent_map")
        self.setAccessibleName(_("Latent map"))
        self.setAccessibleDescription(
            _(
                "Every point is a place the model knows. Click to go there; the arrow keys move, + and - zoom, "
                "Page Up and Page Down select a keyframe of the path."
            )
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._view = Viewport(1.0, 1.0)
        self._points = MapPoints(np.zeros((0, 2), np.float32), ())
        self._background: npt.NDArray[np.uint8] | None = None
        self._layer: QPixmap | None = None
        self._marker = (0.0, 0.0)
        self._pan_from: QPointF | None = None
        self._is_picking = False
        self.path = MapPath(self, self._pixels, self._plane)
        self.path.drawing_changed.connect(self._follow_cursor)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, WIDTH_PX if self._is_square else HEIGHT_PX)

    def show_points(self, points: MapPoints, extent: tuple[float, float]) -> None:
        """Show `points`; the whole map is [-x, x] x [-y, y] for `extent` (x, y), zoomed as before where that stays."""
        self._points = points
        if (self._view.extent_x, self._view.extent_y) != extent:
            self._view = Viewport(*extent)
        self._redraw()

    def show_background(self, ink: npt.NDArray[np.uint8]) -> None:
        """Lay a picture over the whole map, (H, W) uint8 from 0 without ink to 255, first row on top."""
        self._background = ink
        self._redraw()

    def show_marker(self, x: float, y: float) -> None:
        """Mark the present place."""
        self._marker = (x, y)
        self.update()

    def show_path(self, route: npt.NDArray[np.floating], dots: npt.NDArray[np.floating], is_loop: bool) -> None:
        """Show a path: its course (N, 2), cut into equally many pieces for each segment, and its keyframes (K, 2)."""
        self.path.show(np.asarray(route, np.float64), np.asarray(dots, np.float64), is_loop)

    def point_at(self, pixel: QPointF) -> int:
        """Return the index of the point under `pixel`, or -1."""
        if not len(self._points.positions):
            return -1
        scale = self._view.scale(self.width(), self.height())
        ways_px = (self._points.positions - self._plane(pixel)) * scale  # (N, 2)
        distances = np.hypot(ways_px[:, 0], ways_px[:, 1])
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= PICK_RADIUS_PX else -1

    def _pixel(self, x: float, y: float) -> tuple[float, float]:
        return self._view.to_pixel(x, y, self.width(), self.height())

    def _pixels(self, points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        return self._view.to_pixels(points, self.width(), self.height())

    def _plane(self, pixel: QPointF) -> tuple[float, float]:
        return self._view.to_plane(pixel.x(), pixel.y(), self.width(), self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if self.path.press(event.position()):
                return
            self._is_picking = True
            self.pick_started.emit()
            self._pick(event.position(), snaps=True)
        elif event.button() in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan(event.position())
        elif self._is_picking:
            self._pick(event.position(), snaps=False)
        elif not self.path.move(event.position()):
            self._follow_cursor()
            self.hovered.emit(*self._place_at(event.position(), snaps=True))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_picking and event.button() == Qt.MouseButton.LeftButton:
            self._is_picking = False
            self.pick_finished.emit()
        elif self._pan_from is not None:
            self._pan_from = None
            self._follow_cursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            self.path.release()

    def _follow_cursor(self) -> None:
        if self.cursor().shape() != self.path.cursor:
            self.setCursor(self.path.cursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.path.double_click(event.position()):
            return
        self._view = Viewport(self._view.extent_x, self._view.extent_y)
        self._redraw()

    def leaveEvent(self, event: QEvent) -> None:
        self.path.leave()
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        self._view = self._view.zoomed(1.25**steps, self._plane(event.position()))
        self._redraw()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        zooms = {Qt.Key.Key_Plus: 1.25, Qt.Key.Key_Equal: 1.25, Qt.Key.Key_Minus: 0.8}
        key = Qt.Key(event.key())
        if self.path.key(key):
            return
        if key in moves:
            self._step(*moves[key])
        elif key in zooms:
            self._view = self._view.zoomed(zooms[key], self._marker)
            self._redraw()
        else:
            super().keyPressEvent(event)

    def _step(self, right: int, down: int) -> None:
        """Move by an arrow key, at most to the edge of the whole map; a zoomed map follows."""
        scale_x, scale_y = self._view.scale(self.width(), self.height())
        x, y = self._marker[0] + KEY_STEP_PX * right / scale_x, self._marker[1] - KEY_STEP_PX * down / scale_y
        limit_x, limit_y = self._view.extent_x, self._view.extent_y
        self.picked.emit(min(max(x, -limit_x), limit_x), min(max(y, -limit_y), limit_y), -1)
        if not QRectF(self.rect()).contains(QPointF(*self._pixel(*self._marker))):
            self._view = self._view.panned_to(*self._marker)
            self._redraw()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_name(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _show_name(self, pixel: QPoint, on_screen: QPoint) -> None:
        index, hint = self.point_at(QPointF(pixel)), self.path.hint(QPointF(pixel))
        if hint:
            show_tip(on_screen, hint, self)
        elif index >= 0:
            show_tip(on_screen, self._points.names[index], self)
        else:
            show_tip(on_screen, "", self)

    def _pick(self, pixel: QPointF, snaps: bool) -> None:
        self.picked.emit(*self._place_at(pixel, snaps))

    def _place_at(self, pixel: QPointF, snaps: bool) -> tuple[float, float, int]:
        """The place under a pixel, at the edge for pixels beyond it, and the index of a point that it snaps to."""
        index = self.point_at(pixel) if snaps and self._points.snaps else -1
        inside = QPointF(min(max(pixel.x(), 0), self.width()), min(max(pixel.y(), 0), self.height()))
        return *self._plane(inside), index

    def _pan(self, pixel: QPointF) -> None:
        if self._pan_from is None:
            return
        scale_x, scale_y = self._view.scale(self.width(), self.height())
        moved, self._pan_from = pixel - self._pan_from, pixel
        view = self._view
        self._view = view.panned_to(view.centre_x - moved.x() / scale_x, view.centre_y + moved.y() / scale_y)
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._redraw()

    def _redraw(self) -> None:
        self._layer = None
        self.path.lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.path.lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.size() != self.size() * ratio:
            self._layer = self._paint_layer(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marker(painter)
        self.path.paint(painter)
        if self.hasFocus():
            radius = theme().size.radius
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)

    def _paint_layer(self, ratio: float) -> QPixmap:
        """Paint what stays while the marker moves: frame, manifold and points."""
        layer = QPixmap(self.size() * ratio)
        layer.setDevicePixelRatio(ratio)
        layer.fill(Qt.GlobalColor.transparent)
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(rounded(QRectF(self.rect()), theme().size.radius))
        painter.fillRect(self.rect(), QColor(theme().colour.canvas))
        self._paint_background(painter)
        self._paint_points(painter)
        painter.end()
        return layer

    def _paint_background(self, painter: QPainter) -> None:
        if self._background is None:
            return
        extent_x, extent_y = self._view.extent_x, self._view.extent_y
        corner = QPointF(*self._pixel(-extent_x, extent_y))
        opposite = QPointF(*self._pixel(extent_x, -extent_y))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colour = theme().colour
        manifold = image_from_coverage(self._background, colour.scroll, colour.canvas)
        painter.drawImage(QRectF(corner, opposite), manifold)

    def _paint_points(self, painter: QPainter) -> None:
        """All of one colour at once: tens of thousands take a moment else."""
        fill = QColor(hue_of(self).fill)
        plain = np.array([[fill.red(), fill.green(), fill.blue()]], np.uint8)
        colours = self._points.colours or Colours(plain, np.zeros(len(self._points.positions), np.intp))
        at = self._pixels(self._points.positions)
        for number, colour in enumerate(colours.palette.tolist()):
            pen = QPen(QColor(*colour), 2 * POINT_RADIUS_PX, c=Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints([QPointF(x, y) for x, y in at[colours.of == number].tolist()])

    def _paint_marker(self, painter: QPainter) -> None:
        centre = QPointF(*self._pixel(*self._marker))
        line = QColor(theme().colour.text_muted)
        line.setAlpha(110)
        painter.fillRect(QRectF(0, centre.y() - 0.5, self.width(), 1), line)  # drawLine takes ten times as long
        painter.fillRect(QRectF(centre.x() - 0.5, 0, 1, self.height()), line)
        painter.setBrush(QColor(hue_of(self).fill))
        painter.setPen(QPen(QColor(theme().colour.text_strong), 2))
        painter.drawEllipse(centre, 6, 6)
