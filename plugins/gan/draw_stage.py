"""The drawing at the left, what is painted into it at the right."""

from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.api.panel import ImageView, SteadyLabel, enlarge_smooth, image_from_array, theme
from studio.core.text import N_, translate
from studio.core.view import FloatArray

from .draw_canvas import DrawCanvas, square_in

GAP_PX: Final = 20
HEAT: Final = (214, 39, 40)
MOST_HEAT: Final = 0.8  # so much of the icon is covered where the detective is sure
N_HEAT_PX: Final = 64


class IconView(ImageView):
    """The painted icon, only to be looked at; on request with a red veil over what looks forged."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(translate(N_("Painted icon")))
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
            outline = QPainterPath()
            outline.addRoundedRect(rect, theme().size.radius_picture, theme().size.radius_picture)
            painter.save()
            painter.setClipPath(outline)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, self._heat)
            painter.restore()


class DrawStage(QWidget):
    """Both sheets side by side with a line of words above each.

    Attributes:
        canvas: to draw on. icon: what the forger makes of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.canvas = DrawCanvas()
        self.icon = IconView()
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
