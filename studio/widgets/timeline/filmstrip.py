"""Thumbnails spread evenly over a run, the one at the playhead ringed."""

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QTransform
from PySide6.QtWidgets import QWidget

from studio.widgets.theme import hue_of, theme
from studio.widgets.timeline.idle_maker import IdleMaker
from studio.widgets.timeline.surface import ScrubSurface, evenly_spread

SIDE_PX: Final = 72
_GAP_PX: Final = 5
_RING_PX: Final = 2
_N_KEPT: Final = 300
_REACH: Final = 24  # frames to either side


class Filmstrip(ScrubSurface):
    """`draw(index, size_px)` makes the thumbnail of a frame; it is called in idle moments only.

    The thumbnails are put on one sheet; moving the playhead paints this sheet and a ring.
    """

    def __init__(self, draw: Callable[[int, int], QImage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draw = draw
        self._maker = IdleMaker(self._make, _N_KEPT, self)
        self._maker.made.connect(self._on_made)
        self._source = ""
        self._n_recorded = 0
        self._is_growing = False
        self._plan: tuple[object, ...] = ()  # what the sheet shows
        self._sheet = QPixmap()
        self._is_stale = True
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_frames(self, source: str, n_recorded: int, is_growing: bool) -> None:
        """There are pictures of `n_recorded` frames of the recording with the id `source`."""
        if (source, n_recorded, is_growing) != (self._source, self._n_recorded, self._is_growing):
            self._source, self._n_recorded, self._is_growing = source, n_recorded, is_growing
            self._maker.set_source(source)
            self.refresh()

    def is_complete(self) -> bool:
        """Whether every thumbnail in sight is there."""
        return not self._maker.is_busy

    def refresh(self) -> None:
        """Ask for what is missing and put a new sheet together, unless nothing in sight has changed."""
        places = self._places()
        plan = (self._source, self.width(), *places)
        if not self.isVisible() or plan == self._plan:
            return
        self._plan = plan
        self._maker.want(frame for frame, _ in reversed(places))
        self._on_made()

    def inset_px(self) -> float:
        """The first and the last picture touch the edges."""
        return _RING_PX + SIDE_PX / 2

    def sizeHint(self) -> QSize:
        """One row of pictures."""
        return QSize(600, SIDE_PX + 2 * _RING_PX)

    def minimumSizeHint(self) -> QSize:
        """Two pictures."""
        return QSize(2 * (SIDE_PX + _GAP_PX), SIDE_PX + 2 * _RING_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer pictures fit."""
        self.refresh()

    def showEvent(self, event: object) -> None:
        """Thumbnails are made for eyes only."""
        self._plan = ()
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet, then the ring."""
        if self._sheet.devicePixelRatioF() != self.devicePixelRatioF():
            self._change_ratio()
        if self._is_stale:
            self._put_together()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._sheet)
        ringed_px = self._ringed_px()
        if ringed_px is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            radius = theme().size.radius + 1
            painter.setPen(QPen(QColor(hue_of(self).fill), 2))
            ring = self._rect_at(ringed_px).adjusted(-1, -1, 1, 1)
            painter.drawRoundedRect(ring, radius, radius)

    def _places(self) -> list[tuple[int, float]]:
        """The frames of which there are pictures, and the middle of each picture, in pixels.

        While a run grows they are multiples of a power of two, so that most stay when it has become longer.
        """
        n_places = max(1, int((self.width() - 2 * _RING_PX + _GAP_PX) // (SIDE_PX + _GAP_PX)))
        frames, axis = evenly_spread(self.n_total, n_places), self.axis()
        is_sparse = self._is_growing and self.n_total > n_places
        stride = 1 << int(math.log2(self.n_total / n_places)) if is_sparse else 1
        return [
            (frame // stride * stride, axis.x_of_share(k / max(len(frames) - 1, 1)))
            for k, frame in enumerate(frames)
            if frame < self._n_recorded
        ]

    def _ringed_px(self) -> float | None:
        """The middle of the picture nearest to the playhead."""
        nearest = min(self._places(), key=lambda place: abs(place[0] - self.index), default=None)
        return None if nearest is None else nearest[1]

    def _rect_at(self, x_px: float) -> QRectF:
        return QRectF(x_px - SIDE_PX / 2, _RING_PX, SIDE_PX, SIDE_PX)

    def _make(self, index: int) -> QImage:
        return self._draw(index, round(SIDE_PX * self.devicePixelRatioF()))

    def _image(self, index: int) -> QImage | None:
        """The thumbnail of a frame; while it is being made, that of a neighbour."""
        for away in range(_REACH):
            for near in (index - away, index + away):
                image = self._maker.get(near)
                if isinstance(image, QImage):
                    return image
        return None

    def _on_made(self) -> None:
        self._is_stale = True
        self.update()

    def _on_theme_changed(self) -> None:
        self._plan = ()
        super()._on_theme_changed()

    def _change_ratio(self) -> None:
        """The window went to a screen with other pixels: thumbnails of another size are needed."""
        self._maker.clear()
        self._plan = ()
        self.refresh()

    def _put_together(self) -> None:
        ratio = self.devicePixelRatioF()
        self._sheet = QPixmap(self.size() * ratio)
        self._sheet.setDevicePixelRatio(ratio)
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for frame, x_px in self._places():
            self._paint_picture(painter, x_px, self._image(frame))
        painter.end()
        self._is_stale = False

    def _paint_picture(self, painter: QPainter, x_px: float, image: QImage | None) -> None:
        rect, radius = self._rect_at(x_px), theme().size.radius
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.setBrush(QColor(theme().colour.control))
        if image is not None and not image.isNull():
            brush = QBrush(image)
            scale = SIDE_PX / max(image.width(), image.height())
            brush.setTransform(QTransform.fromScale(scale, scale) * QTransform.fromTranslate(rect.x(), rect.y()))
            painter.setBrush(brush)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
