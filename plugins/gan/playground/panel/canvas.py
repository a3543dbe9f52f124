"""The square on which generator and discriminator learn: map, grid, points, arrows, and a brush for what is real."""

import math
import time
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import BrushCanvas, Sized, clipped, image_from_array, rounded, theme, theme_source
from studio.core.translation import N_, _
from studio.core.view import ByteArray

from ..model.network import Floats
from ..model.target import EXTENT, Place
from ..view_model import PairView
from . import layers as ink

LAYERS: Final = {
    "real": N_("Real points"),
    "fake": N_("Fake points"),
    "map": N_("Detective’s map"),
    "grid": N_("Forger’s grid"),
    "arrows": N_("Arrows"),
}
LAYER_HINTS: Final = {
    "real": N_("What the forger has to imitate (samples of the data)"),
    "fake": N_("What the forger makes, always from the same noise (generated samples)"),
    "map": N_("Where the detective thinks points are real or fake (output of the discriminator)"),
    "grid": N_(
        "Where the forger puts an even grid of its noise: each cell contains the same share of points (manifold)"
    ),
    "arrows": N_("Which way the detective’s answer tells each fake point to go (gradient of the forger’s loss)"),
}
LOW_RADIUS: Final = 0.08
HIGH_RADIUS: Final = 0.8
FIRST_RADIUS: Final = 0.25
_RADIUS_STEP: Final = 1.15
_FRAME_MS: Final = 16
_LEGEND_PX: Final = 22


class PlaygroundCanvas(Sized, BrushCanvas):
    """Paint with the left button, take away with the right one, with Shift, or where the eraser is chosen.

    The wheel and the keys [ and ] change the brush. Arrow keys move it, Enter dabs, Shift and Enter take away, Delete
    clears. Between two frames of a run that plays the points glide.

    Signals:
        stroke_started(), stroke_finished(): around one step of undo.
        stroked(start, end, is_erasing): a piece of a stroke, places (x, y) of the square, y upwards.
        clear_requested(): Delete.
        radius_changed(radius): the person made the brush larger or smaller.
        painted(): it has just been drawn.
    """

    stroke_started = Signal()
    stroke_finished = Signal()
    stroked = Signal(object, object, bool)
    radius_changed = Signal(float)
    painted = Signal()
    room_px, least_px = (440, 460), (200, 220)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("playground_canvas")
        self.setAccessibleName(_("The square on which they learn"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._look: PairView | None = None
        self._before: PairView | None = None
        self._picture: QImage | None = None  # of a frame that is no state of the playground
        self._ground: QImage | None = None  # the layers that do not glide, at the size of the screen
        self._began_s = self._takes_s = 0.0
        self._shown = {"real", "fake", "map"}
        self._radius, self._is_eraser = FIRST_RADIUS, False
        self._brush: Place | None = None
        self._button = Qt.MouseButton.NoButton
        self._glide = QTimer(self, interval=_FRAME_MS)
        self._glide.setTimerType(Qt.TimerType.PreciseTimer)
        self._glide.timeout.connect(self._on_glide)
        theme_source().theme_changed.connect(self._on_theme_changed)

    # What it shows

    @property
    def look(self) -> PairView | None:
        """What is shown, once the glide is over."""
        return self._look

    @property
    def shown_look(self) -> PairView | None:
        """What is drawn now, between two frames as well."""
        if self._look is None or self._before is None or self._takes_s <= 0:
            return self._look
        share = (time.perf_counter() - self._began_s) / self._takes_s
        return self._look if share >= 1 else self._before.towards(self._look, share)

    def show_look(self, look: PairView, glide_ms: int = 0) -> None:
        """Show a moment of a run; from what is drawn now the points glide there in `glide_ms`."""
        self._before = self.shown_look if glide_ms else None
        self._look, self._picture, self._ground = look, None, None
        self._began_s, self._takes_s = time.perf_counter(), glide_ms / 1000
        if glide_ms and self._before is not None and self.isVisible():
            self._glide.start()
        self.update()

    def show_picture(self, pixels: ByteArray) -> None:
        """Show a picture (H, W, 3) that no run here belongs to."""
        self._look = self._before = None
        self._picture = image_from_array(pixels)
        self.update()

    def show_real(self, real: Floats) -> None:
        """Show other real points at once, before the run knows of them."""
        if self._look is not None:
            self._look = replace(self._look, real=real)
            self._ground = None
            self.update()

    def shown_layers(self) -> tuple[str, ...]:
        """What is drawn."""
        return tuple(name for name in LAYERS if name in self._shown)

    def set_layers(self, names: tuple[str, ...]) -> None:
        """Draw these; see LAYERS."""
        self._shown, self._ground = set(names), None
        self.update()

    def set_brush(self, radius: float, is_eraser: bool) -> None:
        """Take another brush; its radius in units of the square."""
        self._radius, self._is_eraser = radius, is_eraser
        self.update()

    def _on_glide(self) -> None:
        if time.perf_counter() - self._began_s >= self._takes_s:
            self._glide.stop()
        self.update()

    def _on_theme_changed(self) -> None:
        self._ground = None
        self.update()

    # Places

    def content_rect(self) -> QRectF:
        """The square, in device-independent pixels; the legend stands under it."""
        side = max(1.0, min(self.width(), self.height() - theme().scaled(_LEGEND_PX)) - 2.0)
        return QRectF((self.width() - side) / 2, 1.0, side, side)

    def place_at(self, at: QPointF) -> Place:
        """The place of the square under a point of the canvas, kept inside."""
        rect = self.content_rect()
        x = ((at.x() - rect.x()) / rect.width() * 2 - 1) * EXTENT
        y = (1 - (at.y() - rect.y()) / rect.height() * 2) * EXTENT
        return min(max(x, -EXTENT), EXTENT), min(max(y, -EXTENT), EXTENT)

    def point_of(self, place: Place) -> QPointF:
        """Where a place of the square lies on the canvas."""
        rect = self.content_rect()
        x, y = ((value / EXTENT + 1) / 2 for value in place)
        return QPointF(rect.x() + x * rect.width(), rect.bottom() - y * rect.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The ground is drawn for another size."""
        self._ground = None

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke with a dab."""
        if self.is_brush_button(event) and self._button is Qt.MouseButton.NoButton:
            self._button = event.button()
            self._brush = self.place_at(event.position())
            self.stroke_started.emit()
            self.stroked.emit(self._brush, self._brush, self._takes_away(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the brush; paint on where a button is down."""
        before, self._brush = self._brush, self.place_at(event.position())
        if self._button is not Qt.MouseButton.NoButton and before is not None:
            if math.dist(before, self._brush) < self._radius / 2:
                self._brush = before  # goes on once the way is worth a dab
            else:
                self.stroked.emit(before, self._brush, self._takes_away(event))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if event.button() is self._button:
            self._end_stroke()

    def hover(self, at: QPointF | None) -> None:
        """Show the brush there; while a button is down it stays."""
        if at is not None:
            self._brush = self.place_at(at)
        elif self._button is Qt.MouseButton.NoButton:
            self._brush = None

    def use_brush(self, is_shift: bool) -> None:
        """Dab where the brush is."""
        place = self._brush or (0.0, 0.0)
        self.stroke_started.emit()
        self.stroked.emit(place, place, is_shift or self._is_eraser)
        self.stroke_finished.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys need a brush that can be seen."""
        super().focusInEvent(event)
        self._brush = self._brush or (0.0, 0.0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A stroke cannot go on without the pointer's window."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self._end_stroke()
        if not self.underMouse():
            self._brush = None
        self.update()

    def _end_stroke(self) -> None:
        if self._button is not Qt.MouseButton.NoButton:
            self._button = Qt.MouseButton.NoButton
            self.stroke_finished.emit()

    def _takes_away(self, event: QMouseEvent) -> bool:
        return self._button is Qt.MouseButton.RightButton or self.is_shifted(event) or self._is_eraser

    def scale_brush(self, steps: float) -> None:
        """Make the brush larger or smaller."""
        radius = min(max(self._radius * _RADIUS_STEP**steps, LOW_RADIUS), HIGH_RADIUS)
        if radius != self._radius:
            self._radius = radius
            self.update()
            self.radius_changed.emit(radius)

    def move_brush(self, way: tuple[float, float], is_fast: bool) -> None:
        """Move the brush by a key; y goes upwards on the square."""
        x, y = self._brush or (0.0, 0.0)
        step = (4 if is_fast else 1) * self._radius / 2
        x, y = x + way[0] * step, y - way[1] * step
        self._brush = min(max(x, -EXTENT), EXTENT), min(max(y, -EXTENT), EXTENT)
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the layers from the bottom to the top, then the brush and the legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.content_rect()
        sheet = rounded(rect, theme().size.radius)
        with clipped(painter, sheet):
            self._paint_paper(painter, rect)
            look = self.shown_look
            if look is not None:
                self._paint_look(painter, look, rect)
        self._paint_edge(painter, rect)
        ink.paint_legend(painter, rect, theme().scaled(_LEGEND_PX), "map" in self._shown)
        painter.end()
        self.painted.emit()

    def _paint_paper(self, painter: QPainter, rect: QRectF) -> None:
        painter.fillRect(rect, QColor(theme().colour.field))
        if self._picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, self._picture)
        elif self._look is not None:
            if self._ground is None:
                self._ground = ink.drawn_ground(self._look, rect, self.devicePixelRatioF(), self._shown)
            painter.drawImage(rect.topLeft(), self._ground)

    def _paint_look(self, painter: QPainter, look: PairView, rect: QRectF) -> None:
        if "grid" in self._shown:
            ink.paint_grid(painter, look.grid, rect)
        if "arrows" in self._shown:
            ink.paint_arrows(painter, look, rect)
        if "fake" in self._shown:
            ink.paint_fake(painter, look.fake, rect)

    def _paint_edge(self, painter: QPainter, rect: QRectF) -> None:
        colour, radius = theme().colour, theme().size.radius
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.border), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(rect, radius, radius)
        if self._brush is None:
            return
        middle, length = self.point_of(self._brush), self._radius / (2 * EXTENT) * rect.width()
        style = Qt.PenStyle.DashLine if self._is_eraser or self._button is Qt.MouseButton.RightButton else None
        painter.setPen(QPen(QColor(colour.text_strong), 1.4, style or Qt.PenStyle.SolidLine))
        painter.drawEllipse(middle, length, length)
