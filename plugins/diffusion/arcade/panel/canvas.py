"""The dreamt picture, enlarged and crisp, beside the true one where that is wanted; arrow keys and mouse play in it."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import ARROWS, PICTURE, clipped, image_from_array, rounded, theme, theme_source
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray

from ..games.brush import Brush, Point

WAYS: Final = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
}
LABEL_PX: Final = 26
GAP_PX: Final = 20
TITLES: Final = (N_("Dreamt by the network"), N_("The true game, after the same keys"))


class ArcadeCanvas(QWidget):
    """Signals:
    held(name): an arrow key is down, "left" and so on, or none is any more: "none".
    aimed(x): the left button is down at a place across the dreamt picture, 0..1; None once it is up.
    stroke_begun(): a brush is put on the picture.
    stroked(brush, points): it was led along these points, in pixels of the picture.
    painted(): it has just been drawn.
    """

    spoken_role = PICTURE

    held = Signal(str)
    aimed = Signal(object)
    stroke_begun = Signal()
    stroked = Signal(object, object)
    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("arcade_canvas")
        self.setAccessibleName(_("The dreamt game"))
        self.setAccessibleDescription(_("Press the arrow keys to play, or hold the mouse button where to go."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._images: tuple[QImage, ...] = ()
        self._shown: ByteArray | None = None
        self._down: list[str] = []
        self._brush: Brush | None = None
        self._way: list[Point] = []
        theme_source().theme_changed.connect(self.update)

    def show_pictures(self, *pictures: ByteArray) -> None:
        """Show the dreamt picture (H, W, 3), and the true one where there is one."""
        self._shown, self._images = pictures[0], tuple(image_from_array(one) for one in pictures)
        self.update()

    def take_brush(self, brush: Brush | None) -> None:
        """The left button paints with a brush from now on; None to let it play."""
        self._brush, self._way = brush, []
        self.update()

    # Places

    def rects(self) -> tuple[QRectF, ...]:
        """Where the pictures lie, side by side."""
        n = max(1, len(self._images))
        label = theme().scaled(LABEL_PX) if n > 1 else 0
        side = max(1.0, min((self.width() - GAP_PX * (n - 1)) / n, self.height() - label) - 2.0)
        left = (self.width() - n * side - (n - 1) * GAP_PX) / 2
        top = (self.height() - side - label) / 2
        return tuple(QRectF(left + k * (side + GAP_PX), top, side, side) for k in range(n))

    def content_rect(self) -> QRectF:
        """Where the dreamt picture lies, in device-independent pixels."""
        return self.rects()[0]

    def sizeHint(self) -> QSize:
        """Large enough to play in."""
        return QSize(440, 440)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a window of 1280 x 720."""
        return QSize(200, 200)

    # The hand

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """An arrow key plays; other keys go on to the window."""
        if Qt.Key(event.key()) not in ARROWS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._down.append(WAYS[Qt.Key(event.key())])
            self.held.emit(self._down[-1])

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The key before it counts again, where that is still down."""
        name = WAYS.get(Qt.Key(event.key()))
        if name is None:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._down = [one for one in self._down if one != name]
            self.held.emit(self._down[-1] if self._down else "none")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where the button is held, or begin to paint."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._brush is not None:
            self.stroke_begun.emit()
            self._draw_to(event.position())
        else:
            self._aim(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go where the button is held, or paint on."""
        if self._way:
            self._draw_to(event.position())
        elif event.buttons() & Qt.MouseButton.LeftButton and self._brush is None:
            self._aim(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go nowhere any more; what was painted counts."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._way:
            way, self._way = self._way, []
            self.stroked.emit(self._brush, way)
        elif self._brush is None:
            self.aimed.emit(None)

    def _aim(self, at: QPointF) -> None:
        rect = self.content_rect()
        self.aimed.emit(min(max((at.x() - rect.x()) / rect.width(), 0.0), 1.0))

    def _draw_to(self, at: QPointF) -> None:
        """Lead the brush on, and show what it will leave."""
        if self._brush is None or self._shown is None:
            return
        rect, (height, width) = self.content_rect(), self._shown.shape[:2]
        self._way.append(((at.x() - rect.x()) / rect.width() * width, (at.y() - rect.y()) / rect.height() * height))
        painted = self._brush.painted(np.asarray(self._shown)[None], self._way)[0]
        self._images = (image_from_array(painted), *self._images[1:])
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The edge says that keys are heard."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No key is heard any more."""
        super().focusOutEvent(event)
        if self._down:
            self._down = []
            self.held.emit("none")
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures, each pixel a crisp square."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rects = self.rects()
        for number, rect in enumerate(rects):
            with clipped(painter, rounded(rect, theme().size.radius)):
                painter.fillRect(rect, QColor(theme().colour.field))
                if self._images:
                    painter.drawImage(fitted(rect, self._images[number]), self._images[number])
            self._paint_edge(painter, rect, self.hasFocus() and number == 0)
            if len(rects) > 1:
                self._paint_label(painter, rect, translate(TITLES[number]))
        painter.end()
        self.painted.emit()

    def _paint_edge(self, painter: QPainter, rect: QRectF, is_focused: bool) -> None:
        colour = theme().colour.focus if is_focused else theme().colour.border
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour), 2 if is_focused else 1))
        painter.drawRoundedRect(rect, theme().size.radius, theme().size.radius)

    def _paint_label(self, painter: QPainter, rect: QRectF, text: str) -> None:
        painter.setPen(QColor(theme().colour.text))
        below = QRectF(rect.x(), rect.bottom() + 4, rect.width(), theme().scaled(LABEL_PX) - 4)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)


def fitted(rect: QRectF, image: QImage) -> QRectF:
    """The largest place in a rectangle that has the shape of a picture, in its middle; one of a game fills it."""
    scale = min(rect.width() / image.width(), rect.height() / image.height())
    width, height = image.width() * scale, image.height() * scale
    return QRectF(rect.center().x() - width / 2, rect.center().y() - height / 2, width, height)
