"""The sheet that a person draws on at the left, and what is painted into it at the right."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from studio.api.panel import (
    BrushCanvas,
    ImageView,
    Sized,
    SteadyLabel,
    clipped,
    enlarge_smooth,
    image_from_array,
    rounded,
    theme,
    theme_source,
)
from studio.core.translation import N_, _, translate
from studio.core.view import FloatArray

from ..state import SIDE, Point

LEAST_RING_PX: Final = 2.5
KEY_STEP: Final = 1.0
FAST_KEY_STEP: Final = 4.0
GAP_PX: Final = 20
HEAT: Final = (214, 39, 40)
MOST_HEAT: Final = 0.8  # so much of the icon is covered where the discriminator is sure
N_HEAT_PX: Final = 64


class DrawCanvas(Sized, BrushCanvas):
    """Shows the sheet and tells where a hand draws on it; holds no stroke itself.

    The left button draws, the right one or Shift erases, the wheel and the keys [ and ] change the width. By keyboard,
    arrows move the tool, Enter puts it down and lifts it, Escape takes the stroke back, Delete clears.

    Signals:
        stroke_begun(x, y, is_erasing), stroke_extended(x, y), stroke_ended(), stroke_cancelled(): places in pixels of
            the network.
        width_scaled(steps): notches of the wheel.
        clear_requested(): Delete.
    """

    stroke_begun = Signal(float, float, bool)
    stroke_extended = Signal(float, float)
    stroke_ended = Signal()
    stroke_cancelled = Signal()
    width_scaled = Signal(float)
    room_px, least_px = (440, 440), (160, 160)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_canvas")
        self.setAccessibleName(_("Drawing"))
        self.setAccessibleDescription(
            _("Draw with the mouse. Or use the keyboard: arrow keys move the tool, Enter puts it down or lifts it.")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self._image = QImage()
        self._width = 2.0
        self._colour: QColor | None = None
        self._is_mirrored = False
        self._place: Point | None = None  # where the tool hovers
        self._button: Qt.MouseButton | None = None  # that is down
        self._is_pen_down = False  # by the keyboard
        theme_source().theme_changed.connect(self.update)

    def show_sheet(self, pixels: NDArray[np.uint8]) -> None:
        """Show the sheet (n, n, 3)."""
        self._image = image_from_array(pixels)
        self.update()

    def set_tool(self, width: float, colour: tuple[int, int, int] | None, is_mirrored: bool) -> None:
        """Show another tool: how wide it is, which colour it gives, whether it draws on both sides."""
        self._width, self._is_mirrored = width, is_mirrored
        self._colour = None if colour is None else QColor(*colour)
        self.update()

    def content_rect(self) -> QRectF:
        """Where the sheet lies: the largest square in the middle."""
        return square_in(self)

    def place_at(self, at: QPointF) -> Point:
        """The place of the sheet under a point of the widget."""
        rect = self.content_rect()
        return (at.x() - rect.x()) / rect.width() * SIDE, (at.y() - rect.y()) / rect.height() * SIDE

    def point_of(self, x: float, y: float) -> QPointF:
        """The point of the widget that shows a place of the sheet."""
        rect = self.content_rect()
        return QPointF(rect.x() + x / SIDE * rect.width(), rect.y() + y / SIDE * rect.height())

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if not self.is_brush_button(event) or self._button is not None:
            return
        self._lift()
        self._button, self._place = event.button(), self.place_at(event.position())
        is_erasing = event.button() == Qt.MouseButton.RightButton or self.is_shifted(event)
        self.stroke_begun.emit(*self._place, is_erasing)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the tool; draw on where a button is down."""
        self._place = self.place_at(event.position())
        if self._button is not None:
            self.stroke_extended.emit(*self._place)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if event.button() == self._button:
            self._button = None
            self.stroke_ended.emit()

    def hover(self, at: QPointF | None) -> None:
        """Show the tool there; with the keyboard it stays."""
        if at is not None:
            self._place = self.place_at(at)
        elif not self.hasFocus():
            self._place = None

    def scale_brush(self, steps: float) -> None:
        """Change the width, not in the midst of a stroke."""
        if self._button is None and steps:
            self.width_scaled.emit(steps)

    def move_brush(self, way: Point, is_fast: bool) -> None:
        """Move the tool, which draws where it is down."""
        x, y = self._key_place()
        step = FAST_KEY_STEP if is_fast else KEY_STEP
        self._place = min(max(x + way[0] * step, 0.0), SIDE), min(max(y + way[1] * step, 0.0), SIDE)
        if self._is_pen_down:
            self.stroke_extended.emit(*self._place)
        self.update()

    def take_back(self) -> bool:
        """Give up the stroke under way."""
        is_drawing = self._is_pen_down or self._button is not None
        if is_drawing:
            self._is_pen_down, self._button = False, None
            self.stroke_cancelled.emit()
        return is_drawing

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys need a tool that can be seen."""
        super().focusInEvent(event)
        self._place = self._key_place()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A stroke cannot go on elsewhere."""
        super().focusOutEvent(event)
        self._lift()
        if self._button is not None and event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self._button = None
            self.stroke_ended.emit()
        self.update()

    def _key_place(self) -> Point:
        """Where the keys take the tool up: where it hovers, or the middle where that is off the sheet."""
        if self._place is None or not all(0 <= part <= SIDE for part in self._place):
            return SIDE / 2, SIDE / 2
        return self._place

    def use_brush(self, is_shift: bool) -> None:
        """Put the tool down, or lift it."""
        if self._is_pen_down:
            self._lift()
        elif self._button is None:
            self._is_pen_down, self._place = True, self._key_place()
            self.stroke_begun.emit(*self._place, False)

    def _lift(self) -> None:
        if self._is_pen_down:
            self._is_pen_down = False
            self.stroke_ended.emit()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet, the mirror and the tool."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect, colour = self.content_rect(), theme().colour
        outline = rounded(rect, theme().size.radius_picture)
        painter.fillPath(outline, QColor(colour.paper))
        painter.setClipPath(outline)
        if not self._image.isNull():
            painter.drawImage(rect, self._image)
        if self._is_mirrored:
            painter.setPen(QPen(QColor(120, 120, 130, 150), 1, Qt.PenStyle.DashLine))
            painter.drawLine(self.point_of(SIDE / 2, 0), self.point_of(SIDE / 2, SIDE))
        self._paint_tool(painter, rect)
        painter.setClipping(False)
        is_marked = self.hasFocus()
        painter.setPen(QPen(QColor(colour.focus if is_marked else colour.border), 2 if is_marked else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)

    def _paint_tool(self, painter: QPainter, rect: QRectF) -> None:
        """A ring as wide as the tool, filled with its colour; and its mirror image."""
        if self._place is None:
            return
        x, y = self._place
        radius = max(self._width / 2 * rect.width() / SIDE, LEAST_RING_PX)
        for one in (x, SIDE - x) if self._is_mirrored else (x,):
            painter.setBrush(Qt.BrushStyle.NoBrush if self._colour is None else self._colour)
            for ink, wide in ((QColor(255, 255, 255, 220), 3.0), (QColor(40, 40, 46), 1.2)):
                painter.setPen(QPen(ink, wide))
                painter.drawEllipse(self.point_of(one, y), radius, radius)


def square_in(widget: QWidget) -> QRectF:
    """The largest square in the middle of a widget, with room for a ring around it."""
    side = max(min(widget.width(), widget.height()) - 6, 1)
    return QRectF((widget.width() - side) // 2, (widget.height() - side) // 2, side, side)


class DrawnIconView(ImageView):
    """The painted icon, only to be looked at; on request with a red veil over what looks forged."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Painted icon"))
        self.setAccessibleDescription("")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.unsetCursor()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

        self._heat = QImage()

    def content_rect(self) -> QRectF:
        """As large as the drawing beside it; what is no square, as rows of icons of a training, keeps its shape."""
        square = square_in(self)
        height, width = (1, 1) if self._pixels is None else self._pixels.shape[:2]
        scale = square.width() / max(height, width)
        rect = QRectF(0, 0, width * scale, height * scale)
        rect.moveCenter(square.center())
        return rect

    def show_heat(self, chances: FloatArray | None) -> None:
        """Veil each patch (h, w) that is rather forged than real, by its chance; None takes the veil away."""
        self._heat = QImage()
        if chances is not None:
            alpha = np.rint(255 * MOST_HEAT * (2 * chances - 1).clip(0, 1)).astype(np.uint8)
            alpha = enlarge_smooth(alpha, N_HEAT_PX, N_HEAT_PX)
            colours = np.broadcast_to(np.array(HEAT, np.uint8), (*alpha.shape, 3))
            self._heat = image_from_array(np.concatenate([colours, alpha[..., None]], -1))
        self.update()

    @property
    def has_heat(self) -> bool:
        """Whether the veil is shown."""
        return not self._heat.isNull()

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the icon, then the veil."""
        super().paint_content(painter, rect)
        if self.has_heat:
            outline = rounded(rect, theme().size.radius_picture)
            with clipped(painter, outline):
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(rect, self._heat)


class DrawStage(QWidget):
    """Both sheets side by side with a line of words above each.

    Attributes:
        canvas: to draw on. icon: what the generator makes of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.canvas = DrawCanvas()
        self.icon = DrawnIconView()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_PX)
        grid.setVerticalSpacing(6)
        for column, (text, view) in enumerate(
            ((N_("Your outline"), self.canvas), (N_("What the forger paints"), self.icon))
        ):
            label = SteadyLabel(role="small", alignment=Qt.AlignmentFlag.AlignHCenter)
            label.set_text(translate(text))
            grid.addWidget(label, 0, column)
            grid.addWidget(view, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(1, 1)
