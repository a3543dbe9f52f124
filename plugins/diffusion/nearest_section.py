"""Shows the training pictures that come nearest to what was made, so that one sees whether it was remembered."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from studio.api.panel import image_from_array, theme, theme_source
from studio.core.text import N_, translate

from .near_picture import NearPicture

_SIDE_PX: Final = 92
_GAP_PX: Final = 12
MAX_SHOWN: Final = 3


class NearestSection(QWidget):
    """Says how many pictures were looked through, and shows the nearest of them; nothing can be changed here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "small")
        self.row = NearRow()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(self.row)
        self.set_nearest((), 0)

    def set_nearest(self, near: Sequence[NearPicture], n_pictures: int, measure: str = "") -> None:
        """Show the nearest of the `n_pictures` shipped; `measure` says how distance is measured. Emits nothing."""
        self.row.set_pictures(near[:MAX_SHOWN])
        self.row.setVisible(bool(near))
        text = N_("Make a picture to see which training picture comes nearest to it.")
        if near:
            text = N_("Nearest of the {n:,} pictures shipped. 0 would be the same picture.")
        self.words.setText(translate(text).format(n=n_pictures))
        self.words.setToolTip(measure)


class NearRow(QWidget):
    """Up to three pictures with their distances under them; the caption of each is its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("near_row")
        self.setAccessibleName(translate(N_("Nearest training pictures")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._images: list[QImage] = []
        self._near: tuple[NearPicture, ...] = ()
        theme_source().theme_changed.connect(self._on_theme_changed)

    def set_pictures(self, near: Sequence[NearPicture]) -> None:
        """Show these. Emits nothing."""
        self._near = tuple(near)
        self._images = [image_from_array(one.pixels) for one in near]
        self.setAccessibleDescription("; ".join(f"{distance_text(one)} {one.caption}".strip() for one in near))
        self.update()

    def sizeHint(self) -> QSize:
        """Three pictures and a line of words."""
        return QSize(3 * _SIDE_PX + 2 * _GAP_PX, _SIDE_PX + round(1.8 * theme().text_px("small")))

    def picture_rect(self, index: int) -> QRectF:
        """Where a picture is."""
        return QRectF(0.5 + index * (_SIDE_PX + _GAP_PX), 0.5, _SIDE_PX - 1, _SIDE_PX - 1)

    def event(self, event: QEvent) -> bool:
        """Say what the picture under the pointer shows."""
        if isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            texts = (one.caption for i, one in enumerate(self._near) if self.picture_rect(i).contains(at))
            QToolTip.showText(event.globalPos(), next(texts, ""), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures and their distances."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for index, (one, image) in enumerate(zip(self._near, self._images, strict=True)):
            rect, radius = self.picture_rect(index), theme().size.radius
            path = QPainterPath()
            path.addRoundedRect(rect, radius, radius)
            painter.save()
            painter.setClipPath(path)
            painter.drawImage(rect, image)
            painter.restore()
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
