"""The bar at the corner of the canvas that says what the colours of a view mean."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import AMOUNT_COLOURS, image_from_array, theme, theme_source
from studio.core.text import N_, translate

from .stats_card import paint_plate

_BAR_PX: Final = (188, 10)
_PADDING_PX: Final = 12
_GAP_PX: Final = 6


@dataclass(frozen=True)
class Scale:
    """What a bar says.

    Attributes:
        title: what the colours stand for.
        labels: at the left end, in the middle, at the right end.
        is_reversed: whether the brightest colour is at the left.
    """

    title: str
    labels: tuple[str, str, str]
    is_reversed: bool = False


class Legend(QWidget):
    """Hidden while the colours are those of the scene itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self.setAccessibleName(translate(N_("What the colours mean")))
        self.setToolTip(translate(N_("Brighter means more (Cividis, made for eyes with any colour vision)")))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._scale: Scale | None = None
        self._bar = QImage()
        theme_source().theme_changed.connect(self._on_theme_changed)
        self.hide()

    def set_scale(self, scale: Scale | None) -> None:
        """Explain these colours, or none."""
        if scale != self._scale:
            self._scale = scale
            self._bar = QImage() if scale is None else bar_image(scale.is_reversed)
            self.setAccessibleDescription("" if scale is None else f"{scale.title}: {', '.join(scale.labels)}")
            self.setVisible(scale is not None)
            self.update()

    def sizeHint(self) -> QSize:
        """A short bar between two lines of text."""
        text_px = theme().text_px("small")
        height = 2 * round(1.4 * text_px) + _BAR_PX[1] + 2 * _GAP_PX + _PADDING_PX
        return QSize(theme().scaled(_BAR_PX[0]) + 2 * _PADDING_PX, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the bar and its three numbers."""
        if self._scale is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_plate(painter, QRectF(self.rect()))
        room, line_px = QRectF(self.rect()).adjusted(_PADDING_PX, 0, -_PADDING_PX, 0), 1.4 * theme().text_px("small")
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(theme().colour.text_strong))
        top = QRectF(room.x(), _PADDING_PX / 2, room.width(), line_px)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._scale.title)
        bar = QRectF(room.x(), top.bottom() + _GAP_PX, room.width(), _BAR_PX[1])
        self._paint_bar(painter, bar)
        painter.setPen(QColor(theme().colour.text_muted))
        below = QRectF(room.x(), bar.bottom() + _GAP_PX / 2, room.width(), line_px)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for side, label in zip(sides, self._scale.labels, strict=True):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignVCenter, label)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        rounded = QPainterPath()
        rounded.addRoundedRect(bar, bar.height() / 2, bar.height() / 2)
        painter.save()
        painter.setClipPath(rounded)
        painter.drawImage(bar, self._bar)
        painter.restore()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.adjustSize()


def bar_image(is_reversed: bool) -> QImage:
    """The colour map as a picture of 256 x 1 pixels."""
    colours = AMOUNT_COLOURS[::-1] if is_reversed else AMOUNT_COLOURS
    return image_from_array(np.ascontiguousarray(colours[None]))


def depth_scale(near: float, far: float) -> Scale:
    """For distances from the camera, in the scene's own units; what is near is bright."""
    labels = (distance_text(near), distance_text((near + far) / 2), distance_text(far))
    return Scale(translate(N_("Distance, in units of the scene")), labels, is_reversed=True)


def density_scale() -> Scale:
    """For how much of the light is held up on its way."""
    labels = (translate(N_("0 clear")), "0.5", translate(N_("1 solid")))
    return Scale(translate(N_("Opacity along the ray")), labels)


def cost_scale(most: float) -> Scale:
    """For the places that a ray looked at; `most` has the brightest colour."""
    labels = ("0", f"{most / 2:.0f}", translate(N_("{n:.0f} or more")).format(n=most))
    return Scale(translate(N_("Samples per ray")), labels)


def distance_text(distance: float) -> str:
    """A distance with three figures."""
    return f"{distance:.2f}" if distance < 10 else f"{distance:.1f}" if distance < 100 else f"{distance:,.0f}"
