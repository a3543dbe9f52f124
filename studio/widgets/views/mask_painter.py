"""A brush over the picture: what it covers may be made anew."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from studio.core.masked_picture import MIN_RADIUS_PX, BoolArray, FloatArray, MaskStroke, Point, feathered, with_stroke
from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import set_tip
from studio.widgets.theme import hue_of, theme_source
from studio.widgets.throttle import Throttle
from studio.widgets.views.canvas import BrushCanvas
from studio.widgets.views.mask_tint import MaskTint, paint_brush

FOLLOW_MS: Final = 33
RADIUS_STEP: Final = 1.15  # per notch of the wheel or press of a key
MAX_RADIUS_SHARE: Final = 0.5  # of the picture's longer side


class PictureOverlay(QWidget):
    """Asks where the picture lies whenever it draws or a hand moves, so nobody has to tell it. Begins hidden."""

    def __init__(self, canvas: QWidget, picture_rect: Callable[[], QRectF]) -> None:
        """`picture_rect` is where the picture lies on the canvas, in device-independent pixels."""
        super().__init__(canvas)
        self.picture_rect = picture_rect
        self._canvas = canvas
        self.hide()
        theme_source().theme_changed.connect(self.on_theme_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Lie over the whole canvas from now on."""
        super().showEvent(event)
        self.setGeometry(self._canvas.rect())
        self._canvas.installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """The canvas may do as it likes."""
        super().hideEvent(event)
        self._canvas.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the canvas."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def on_theme_changed(self) -> None:
        """Draw again in other colours."""
        self.update()

    def share_of(self, at: QPointF) -> tuple[float, float]:
        """Where a point of the canvas lies on the picture: 0 to 1 from left to right and from top to bottom."""
        rect = self.picture_rect()
        return (at.x() - rect.x()) / max(rect.width(), 1e-9), (at.y() - rect.y()) / max(rect.height(), 1e-9)

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a share of the picture lies on the canvas."""
        rect = self.picture_rect()
        return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height())


class MaskPainter(PictureOverlay, BrushCanvas):
    """Paint with the left button, take away with the right one, with Shift, or where the eraser is chosen.

    The wheel and the keys [ and ] change the brush. Arrow keys move it, Enter dabs, Shift and Enter take away, Delete
    clears, Escape takes the stroke under way back. Away from the brush only the outline
    shows, so that what was made can be seen.

    Signals:
        mask_changed(values): while a stroke goes on and after it: float32 (H, W), 1 where the picture is made anew.
        stroke_finished(title): a stroke, one step of undo, is in `painted` now.
        radius_changed(radius_px): the person made the brush larger or smaller.
        clear_requested(): Delete.
    """

    mask_changed = Signal(object)
    stroke_finished = Signal(str)
    radius_changed = Signal(float)
    clear_requested = Signal()  # Qt knows no signals of a second base

    def __init__(self, canvas: QWidget, picture_rect: Callable[[], QRectF]) -> None:
        super().__init__(canvas, picture_rect)
        self.setObjectName("mask_painter")
        self.setAccessibleName(_("Mask on the picture"))
        set_tip(self, "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self._painted = np.zeros((1, 1), np.bool_)
        self._before = self._painted  # the stroke
        self._values = feathered(self._painted, 0.0)
        self._feather_px = 0.0
        self._radius_px = 6.0
        self._is_eraser = False
        self._brush: Point | None = None  # where it hovers, in pixels of the picture
        self._stroke: MaskStroke | None = None  # the piece of the way drawn last, while a button is down
        self._button = Qt.MouseButton.NoButton  # that began the stroke
        self._tint = MaskTint()
        self._follow = Throttle(FOLLOW_MS, self._say_changed, self)
        self._describe()

    # What is painted

    @property
    def painted(self) -> BoolArray:
        """Which pixels (H, W) may be made anew."""
        return self._painted

    def values(self) -> FloatArray:
        """The same with its soft edge, (H, W) in 0..1."""
        return self._values

    def set_mask(self, painted: BoolArray, feather_px: float) -> None:
        """Show a mask (H, W) in pixels of the picture; a stroke under way ends unheard. Emits nothing."""
        self._stroke = None
        self._painted, self._feather_px = painted.copy(), feather_px
        self._refresh()

    def set_brush(self, radius_px: float, is_eraser: bool) -> None:
        """Take another brush, in pixels of the picture. Emits nothing."""
        self._radius_px, self._is_eraser = self._bounded(radius_px), is_eraser
        self._describe()
        self.update()

    @property
    def radius_px(self) -> float:
        """Of the brush, in pixels of the picture."""
        return self._radius_px

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke with a dab."""
        if self.is_brush_button(event) and self._stroke is None:
            at, self._button = self._pixel_at(event.position()), event.button()
            self._before = self._painted
            self._stroke = MaskStroke((at,), self._radius_px, self._takes_away(event))
            self._draw(self._stroke)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the brush; draw on where a button is down."""
        self._brush = self._pixel_at(event.position())
        if self._stroke is None:
            self.update()
            return
        piece = MaskStroke((self._stroke.points[-1], self._brush), self._radius_px, self._stroke.is_erasing)
        self._stroke = piece
        self._draw(piece)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if event.button() == self._button:
            self._end_stroke()

    def hover(self, at: QPointF | None) -> None:
        """Show the brush there, or the outline alone."""
        self._brush = None if at is None else self._pixel_at(at)

    def use_brush(self, is_shift: bool) -> None:
        """Dab where the brush is."""
        is_erasing = is_shift or self._is_eraser
        self._draw(MaskStroke((self._brush or self._middle(),), self._radius_px, is_erasing))
        self._say_finished(is_erasing)

    def take_back(self) -> bool:
        """Give up the stroke under way."""
        is_drawing = self._stroke is not None
        if is_drawing:
            self.set_mask(self._before, self._feather_px)
            self._say_changed()
        return is_drawing

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys need a brush that can be seen."""
        super().focusInEvent(event)
        if self._brush is None:
            self._brush = self._middle()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A stroke cannot go on without the pointer's window."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self._end_stroke()
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tint and hatch what is made anew, then the brush; where there is none, draw the outline."""
        painter = QPainter(self)
        rect = self.picture_rect()
        if self._brush is None:
            self._tint.paint_outline(painter, rect)
        else:
            self._tint.paint(painter, rect, hue_of(self).fill)
            is_erasing = self._stroke.is_erasing if self._stroke is not None else self._is_eraser
            x, y = self._brush
            at = self.place_of(x / self._painted.shape[1], y / self._painted.shape[0])
            paint_brush(painter, at, self._radius_px * rect.width() / self._painted.shape[1], is_erasing)

    def _draw(self, stroke: MaskStroke) -> None:
        self._painted = with_stroke(self._painted, stroke)
        self._refresh()
        self._follow.request()

    def _end_stroke(self) -> None:
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            self._say_finished(stroke.is_erasing)

    def _say_finished(self, is_erasing: bool) -> None:
        self._say_changed()
        self.stroke_finished.emit(N_("Erase from the mask") if is_erasing else N_("Paint the mask"))

    def _say_changed(self) -> None:
        self.mask_changed.emit(self.values())

    def _refresh(self) -> None:
        self._values = feathered(self._painted, self._feather_px)
        self._tint.set_mask(self._painted, self._values)
        self._describe()
        self.update()

    # The brush

    def _takes_away(self, event: QMouseEvent) -> bool:
        return event.button() == Qt.MouseButton.RightButton or self.is_shifted(event) or self._is_eraser

    def scale_brush(self, steps: float) -> None:
        """Make the brush larger or smaller."""
        radius = self._bounded(self._radius_px * RADIUS_STEP**steps)
        if radius != self._radius_px:
            self._radius_px = radius
            self._describe()
            self.update()
            self.radius_changed.emit(radius)

    def _bounded(self, radius_px: float) -> float:
        return min(max(radius_px, MIN_RADIUS_PX), self.max_radius_px)

    @property
    def max_radius_px(self) -> float:
        """The largest brush for this picture."""
        return max(MAX_RADIUS_SHARE * max(self._painted.shape), 2 * MIN_RADIUS_PX)

    def move_brush(self, way: tuple[float, float], is_fast: bool) -> None:
        """Move the brush by a key."""
        step = (4 if is_fast else 1) * max(1.0, math.floor(self._radius_px / 2))
        x, y = self._brush or self._middle()
        height, width = self._painted.shape
        self._brush = min(max(x + way[0] * step, 0), width), min(max(y + way[1] * step, 0), height)
        self.update()

    def _middle(self) -> Point:
        return self._painted.shape[1] / 2, self._painted.shape[0] / 2

    def _pixel_at(self, at: QPointF) -> Point:
        x, y = self.share_of(at)
        return x * self._painted.shape[1], y * self._painted.shape[0]

    def _describe(self) -> None:
        text = N_("{percent:.0f} % of the picture will be redrawn. The brush is {radius:.0f} pixels wide.")
        percent = 100 * float(self._painted.mean())
        self.setAccessibleDescription(translate(text).format(percent=percent, radius=self._radius_px))
