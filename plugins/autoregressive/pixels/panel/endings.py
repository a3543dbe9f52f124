"""All ways to finish a picture side by side, as they grow; a click makes one of them the large one."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.api.panel import (
    CHOICES,
    clipped,
    hue_of,
    image_from_array,
    rounded,
    set_tip,
    steps_along,
    theme,
    title_font,
)
from studio.core.translation import _, plural
from studio.core.view import ByteArray

from ..scene import PixelScene
from ..state import UNKNOWN
from .canvas import PixelCanvas

N_COLUMNS: Final = 2
GAP_PX: Final = 10
LARGEST_PX: Final = 164
_ALONG: Final = steps_along(N_COLUMNS)
SIDES_GAP_PX: Final = 28


class EndingsGrid(QWidget):
    """Up to four pictures in two columns. Signals: chosen(number), from 0."""

    spoken_role = CHOICES

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pixel_endings")
        self.setAccessibleName(_("Possible endings"))
        set_tip(self, _("Click one to inspect it (samples from one distribution, each with its own seed)"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._images: list[QImage] = []
        self._current = 0

    def show_endings(self, pictures: list[ByteArray], current: int) -> None:
        """Show pictures (H, W, 3), one of them marked."""
        if len(pictures) != len(self._images):
            self.updateGeometry()
        self._images, self._current = [image_from_array(one) for one in pictures], current
        self.setAccessibleDescription(plural("{n} picture", "{n} pictures", len(pictures)))
        self.setVisible(len(pictures) > 1)
        self.update()

    def sizeHint(self) -> QSize:
        """Two columns."""
        return QSize(N_COLUMNS * theme().scaled(LARGEST_PX) + GAP_PX + 4, 320)

    def minimumSizeHint(self) -> QSize:
        """Two small columns."""
        return QSize(N_COLUMNS * 64 + GAP_PX + 4, 2 * 64 + GAP_PX)

    def rect_of(self, number: int) -> QRectF:
        """Where a picture lies."""
        side = self._side()
        n_rows = -(-max(len(self._images), 1) // N_COLUMNS)
        heading = theme().text_px("small") * 2
        top = (self.height() - n_rows * (side + GAP_PX) + GAP_PX + heading) / 2
        row, column = divmod(number, N_COLUMNS)
        return QRectF(2 + column * (side + GAP_PX), top + row * (side + GAP_PX), side, side)

    def _side(self) -> float:
        wide = (self.width() - GAP_PX - 4) / N_COLUMNS
        high = (self.height() - GAP_PX - 3 * theme().text_px("small")) / 2
        return max(min(wide, high), 8.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a picture."""
        for number in range(len(self._images)):
            if self.rect_of(number).contains(event.position()) and event.button() == Qt.MouseButton.LeftButton:
                self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose the neighbour."""
        way = _ALONG.get(Qt.Key(event.key()))
        if way is not None and 0 <= self._current + way < len(self._images):
            self.chosen.emit(self._current + way)
        elif way is None:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the heading, the pictures, and the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, radius = theme().colour, theme().size.radius_small
        painter.setFont(title_font("small"))
        painter.setPen(QColor(colour.text_muted))
        heading = QRectF(2, self.rect_of(0).top() - 2 * theme().text_px("small"), self.width() - 4, 20)
        painter.drawText(heading, Qt.AlignmentFlag.AlignLeft, _("Possible endings").upper())
        for number, image in enumerate(self._images):
            rect = self.rect_of(number)
            outline = rounded(rect, radius)
            painter.fillPath(outline, QColor(*UNKNOWN))
            with clipped(painter, outline):
                painter.drawImage(rect, image)
            is_current = number == self._current
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(hue_of(self).fill if is_current else colour.border), 2 if is_current else 1))
            painter.drawPath(outline)


class PixelStage(QWidget):
    """Attributes: canvas, endings."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas, self.endings = PixelCanvas(), EndingsGrid()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIDES_GAP_PX)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.endings)

    def show_scene(self, scene: PixelScene) -> None:
        """Let the canvas have the tool of the scene in hand."""
        self.canvas.set_tool(scene.tool, scene.shape, scene.brush_px)
