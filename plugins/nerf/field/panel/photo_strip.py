"""A strip of the training photos that scrolls sideways, however many there are."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import CHOICES, hue_of, show_tip, theme, theme_source
from studio.core.translation import _

_SIDE_PX: Final = 52
_GAP_PX: Final = 6
_RING_PX: Final = 3
_BAR_PX: Final = 3
_WHEEL_STEP: Final = 120.0
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -5, Qt.Key.Key_PageDown: 5}


class PhotoStrip(QWidget):
    """Only the photos in sight are painted.

    Signals:
        photo_requested(index): the person wants to look through this one.
    """

    spoken_role = CHOICES

    photo_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("photo_strip")
        self.setAccessibleName(_("Training photos"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._images: list[QImage] = []
        self._names: tuple[str, ...] = ()
        self._current = -1
        self._first_px = 0.0  # how far it is scrolled
        self._pressed: int | None = None
        theme_source().theme_changed.connect(self.update)

    def set_photos(self, images: Sequence[QImage], names: Sequence[str]) -> None:
        """Show these; an image may be a null one as long as it is not read."""
        self._images, self._names = list(images), tuple(names)
        self._current, self._first_px = -1, 0.0
        self._describe()
        self.update()

    def set_image(self, index: int, image: QImage) -> None:
        """A photo has been read."""
        self._images[index] = image
        self.update()

    def set_current(self, index: int) -> None:
        """Mark a photo and bring it into sight; -1 for none. Emits nothing."""
        self._current = index
        self._reveal()
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the inspector, one photo high."""
        return QSize(308, _SIDE_PX + 2 * _RING_PX + _BAR_PX + 2)

    def minimumSizeHint(self) -> QSize:
        """At least one photo."""
        return QSize(_SIDE_PX + 2 * _RING_PX, self.sizeHint().height())

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the strip filled, and the marked photo in sight."""
        super().resizeEvent(event)
        self._scroll_to(self._first_px)
        self._reveal()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways."""
        delta = event.angleDelta()
        notches = (delta.y() or delta.x()) / _WHEEL_STEP
        before = self._first_px
        self._scroll_to(before - notches * 2 * (_SIDE_PX + _GAP_PX))
        event.setAccepted(self._first_px != before)  # at the end the inspector goes on

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember which photo was pressed."""
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self._index_at(event.position()) if is_left else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the photo that was pressed, if the pointer is still on it."""
        pressed, self._pressed = self._pressed, None
        if pressed is not None and pressed == self._index_at(event.position()):
            self.photo_requested.emit(pressed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow and page keys go along, Home and End to the first and the last."""
        last, key = len(self._images) - 1, Qt.Key(event.key())
        jumps = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        target = jumps.get(key, self._current + _ALONG[key] if key in _ALONG else None)
        if target is None or last < 0:
            super().keyPressEvent(event)
            return
        target = min(max(target, 0), last)
        if target != self._current:
            self.photo_requested.emit(target)

    def event(self, event: QEvent) -> bool:
        """Name the photo under the pointer."""
        if isinstance(event, QHelpEvent):
            index = self._index_at(QPointF(event.pos()))
            show_tip(event.globalPos(), "" if index is None else self._names[index], self)
            return True
        return super().event(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the photos in sight, and where they are among all."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        step = _SIDE_PX + _GAP_PX
        first = max(int(self._first_px // step), 0)
        for index in range(first, min(int((self._first_px + self.width()) // step) + 1, len(self._images))):
            self._paint_photo(painter, index)
        if self._span_px() > self.width():
            self._paint_bar(painter)
        if self.hasFocus() and self._current < 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme().colour.focus), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_photo(self, painter: QPainter, index: int) -> None:
        rect, image, radius = self._rect_of(index), self._images[index], theme().size.radius_small
        if image.isNull():
            painter.setBrush(QColor(theme().colour.field))
        else:
            brush = QBrush(image)
            scale = _SIDE_PX / min(image.width(), image.height())
            left = rect.center().x() - image.width() * scale / 2
            top = rect.center().y() - image.height() * scale / 2
            brush.setTransform(QTransform.fromScale(scale, scale) * QTransform.fromTranslate(left, top))
            painter.setBrush(brush)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.drawRoundedRect(rect, radius, radius)
        if index == self._current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme().colour.focus if self.hasFocus() else hue_of(self).fill), 2))
            painter.drawRoundedRect(rect.adjusted(-1.5, -1.5, 1.5, 1.5), radius + 1.5, radius + 1.5)

    def _paint_bar(self, painter: QPainter) -> None:
        share = self.width() / self._span_px()
        left = self._first_px * share
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.scroll))
        bar = QRectF(left, self.height() - _BAR_PX, max(share * self.width(), 12.0), _BAR_PX)
        painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)

    # Places

    def _rect_of(self, index: int) -> QRectF:
        return QRectF(_RING_PX + index * (_SIDE_PX + _GAP_PX) - self._first_px, _RING_PX, _SIDE_PX, _SIDE_PX)

    def _index_at(self, position: QPointF) -> int | None:
        index = int((position.x() + self._first_px - _RING_PX) // (_SIDE_PX + _GAP_PX))
        is_photo = 0 <= index < len(self._images) and self._rect_of(index).contains(position)
        return index if is_photo else None

    def _span_px(self) -> float:
        return len(self._images) * (_SIDE_PX + _GAP_PX) - _GAP_PX + 2 * _RING_PX

    def _reveal(self) -> None:
        if self._current >= 0:
            left = self._current * (_SIDE_PX + _GAP_PX)
            self._scroll_to(min(max(self._first_px, left + _SIDE_PX + 2 * _RING_PX - self.width()), left))

    def _scroll_to(self, first_px: float) -> None:
        self._first_px = min(max(first_px, 0.0), max(self._span_px() - self.width(), 0.0))
        self.update()

    def _describe(self) -> None:
        if 0 <= self._current < len(self._names):
            text = _("{name}, {i} of {n}")
            where = {"name": self._names[self._current], "i": self._current + 1, "n": len(self._names)}
            self.setAccessibleDescription(text.format(**where))
        else:
            self.setAccessibleDescription(_("{n} photos").format(n=len(self._names)))
