"""The card in the corner of the canvas that says what the detective thinks of the picture, with its map on demand."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate

WIDTH_PX, HEIGHT_PX, MARGIN_PX, BAR_PX = 224, 58, 14, 8
TITLE: Final = N_("The detective says")
HINT: Final = N_(
    "The share of held-out real pictures that the discriminator scores lower than this one. Click to see which parts "
    "of the picture its score depends on (gradient of the score)."
)


class VerdictCard(QAbstractButton):
    """Shows a share of 0..1 as a bar; checked, the canvas shows the detective's map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(translate(HINT))
        self._share: float | None = None
        self.show_share(None)
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_share(self, share: float | None) -> None:
        """Show a share; None while nothing was judged."""
        self._share = share
        said = translate(N_("{percent:.0f} % real")).format(percent=100 * share) if share is not None else "…"
        self.setText(said)
        self.setAccessibleName(translate(TITLE))
        self.setAccessibleDescription(f"{said}. {translate(HINT)}")
        self.update()

    def sizeHint(self) -> QSize:
        """A fixed card, as large as its text needs."""
        return QSize(theme().scaled(WIDTH_PX), theme().scaled(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, the bar and the words."""
        painter, colour, hue = QPainter(self), theme().colour, hue_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colour.focus if self.hasFocus() else hue.fill if self.isChecked() else colour.border))
        painter.setBrush(QColor(colour.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme().size.radius, theme().size.radius)
        inside = self.rect().adjusted(MARGIN_PX, 8, -MARGIN_PX, -8)
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(colour.text_muted))
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, translate(TITLE))
        painter.setFont(theme().font("body", QFont.Weight.DemiBold))
        painter.setPen(QColor(colour.text_strong))
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, self.text())
        self._paint_bar(painter, inside.left(), inside.bottom() - 14, round(inside.width() * 0.55))
        painter.end()

    def _paint_bar(self, painter: QPainter, left: int, top: int, width: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.control))
        painter.drawRoundedRect(QRectF(left, top, width, BAR_PX), BAR_PX / 2, BAR_PX / 2)
        if self._share:
            painter.setBrush(QColor(hue_of(self).fill))
            painter.drawRoundedRect(QRectF(left, top, max(BAR_PX, width * self._share), BAR_PX), BAR_PX / 2, BAR_PX / 2)


def with_heat(pixels: npt.NDArray[np.uint8], heat: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """A picture (H, W, 3), greyed, with a map (H, W) in 0..1 laid over it in amber."""
    grey = pixels.mean(2, keepdims=True) * 0.5 + 64
    glow = np.array([251, 191, 36], np.float32)
    share = np.clip(heat, 0, 1)[..., None] ** 0.7
    return (grey * (1 - share) + glow * share).clip(0, 255).astype(np.uint8)
