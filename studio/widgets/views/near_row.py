"""Pictures beside what was made, with their distances, so that one sees whether it was remembered."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.translation import _
from studio.core.view import NearPicture
from studio.widgets.controls.label import show_tip
from studio.widgets.theme import theme, theme_source
from studio.widgets.views.picture import image_from_array
from studio.widgets.views.rounded import clipped, rounded

MAX_SHOWN: Final = 3
_SIDE_PX: Final = 92
_GAP_PX: Final = 12


class NearRow(QWidget):
    """Up to `n_most` pictures with their distances under them; the caption of each is its tooltip."""

    def __init__(self, n_most: int = MAX_SHOWN, side_px: int = _SIDE_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._n_most, self._side_px = n_most, side_px
        self.setObjectName("near_row")
        self.setAccessibleName(_("Nearest training pictures"))
        across = QSizePolicy.Policy.Expanding if n_most > 1 else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self._images: list[QImage] = []
        self._near: tuple[NearPicture, ...] = ()
        theme_source().theme_changed.connect(self._on_theme_changed)

    def set_pictures(self, near: Sequence[NearPicture]) -> None:
        """Show the first of these. Emits nothing."""
        self._near = tuple(near[: self._n_most])
        self._images = [image_from_array(one.pixels) for one in self._near]
        self.setAccessibleDescription("; ".join(f"{distance_text(one)} {one.caption}".strip() for one in self._near))
        self.update()

    def sizeHint(self) -> QSize:
        """The pictures and a line of words."""
        width = self._n_most * (self._side_px + _GAP_PX) - _GAP_PX
        return QSize(width, self._side_px + round(1.8 * theme().text_px("small")))

    def picture_rect(self, index: int) -> QRectF:
        """Where a picture is."""
        return QRectF(0.5 + index * (self._side_px + _GAP_PX), 0.5, self._side_px - 1, self._side_px - 1)

    def event(self, event: QEvent) -> bool:
        """Say what the picture under the pointer shows."""
        if isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            texts = (one.caption for i, one in enumerate(self._near) if self.picture_rect(i).contains(at))
            show_tip(event.globalPos(), next(texts, ""), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures and their distances."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for index, (one, image) in enumerate(zip(self._near, self._images, strict=True)):
            rect, radius = self.picture_rect(index), theme().size.radius
            path = rounded(rect, radius)
            with clipped(painter, path):
                painter.drawImage(rect, image)
            painter.setPen(QPen(QColor(theme().colour.border), 1))
            painter.drawPath(path)
            painter.setPen(QColor(theme().colour.text_strong if index == 0 else theme().colour.text_muted))
            weight = QFont.Weight.DemiBold if index == 0 else QFont.Weight.Normal
            painter.setFont(theme().font("small", weight))
            room = QRectF(rect.x(), rect.bottom() + 4, rect.width(), self.height() - rect.bottom() - 4)
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, distance_text(one))

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def distance_text(near: NearPicture) -> str:
    """A distance with three figures."""
    return f"{near.distance:.3g}"
