"""Shows signed distance fields, one glyph or a word, sharp at any size."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from studio.core.translation import _
from studio.render.field import CELLS, Placement, layout_word, render_fields
from studio.widgets.theme import Colour, theme
from studio.widgets.views.canvas import InteractiveCanvas, draw_card
from studio.widgets.views.picture import image_from_array, image_from_coverage

_CARD_SHARE: Final = 0.92  # of the room; a picture needs air around it
_MARGIN_SHARE: Final = 0.06  # of the card's height, white at its edge
_WORD_MARGIN_SHARE: Final = 0.08  # of the rest, more for a word, whose ink would reach the sides
_WIDER_PER_GLYPH: Final = 0.5  # how much longer a card gets with every letter, in heights

FloatArray = NDArray[np.float32]


class FieldView(InteractiveCanvas):
    """A white sheet with glyphs on it. Signals: those of InteractiveCanvas."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: list[FloatArray | None] = []
        self._picture = QImage()
        self._image = QImage()
        self._drawn: tuple[int, int, Colour] | None = None
        self.setObjectName("field_view")
        self.setAccessibleName(_("Picture"))
        self.setAccessibleDescription(_("Drag, scroll or press the arrow keys to change it. Double-click to reset it."))

    def show_fields(self, fields: Sequence[FloatArray | None]) -> None:
        """Show these fields as a word, or a single one in its own cell.

        Args:
            fields: (64, 64) float32 each, positive inside, in cells; None is a word space.
        """
        before = self.content_rect()
        self._fields = list(fields)
        self._picture = QImage()
        self._drawn = None
        self.update_content(before)

    def show_picture(self, pixels: NDArray[np.uint8]) -> None:
        """Show grey (H, W) or RGB (H, W, 3) pixels on the sheet until fields are shown again."""
        before = self.content_rect()
        self._picture = image_from_array(pixels)
        self.update_content(before)

    def content_rect(self) -> QRectF:
        """A centred sheet: square for one glyph, longer for a word."""
        room_width, room_height = self.width() * _CARD_SHARE, self.height() * _CARD_SHARE
        aspect = 1.0 + _WIDER_PER_GLYPH * max(0, len(self._fields) - 1)
        if not self._picture.isNull():
            aspect = self._picture.width() / self._picture.height()
        height = min(room_height, max(room_width / aspect, min(room_width, room_height) * 0.5))
        width = min(room_width, height * aspect)
        left, top = (self.width() - width) / 2, (self.height() - height) / 2
        return QRectF(round(left), round(top), round(width), round(height))

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the sheet and the glyphs at the resolution of the screen."""
        draw_card(painter, rect, theme().colour.paper)
        ratio = self.devicePixelRatioF()
        inner = rect.adjusted(*(rect.height() * _MARGIN_SHARE * sign for sign in (1, 1, -1, -1)))
        if not self._picture.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(_fitted(self._picture, inner), self._picture)
            return
        if not self._fields:
            return
        width_px, height_px = round(inner.width() * ratio), round(inner.height() * ratio)
        key = (width_px, height_px, theme().colour)
        if key != self._drawn:
            self._image = self._render(width_px, height_px)
            self._image.setDevicePixelRatio(ratio)
            self._drawn = key
        painter.drawImage(inner.topLeft(), self._image)

    def _render(self, width_px: int, height_px: int) -> QImage:
        if len(self._fields) == 1:
            size_px = min(width_px, height_px)
            left_px, top_px = (width_px - size_px) / 2, (height_px - size_px) / 2
            places = [Placement(left_px, top_px, size_px / CELLS)]
        else:
            places = layout_word(self._fields, width_px, height_px, _WORD_MARGIN_SHARE * height_px)
        shown = [(field, place) for field, place in zip(self._fields, places, strict=True) if field is not None]
        fields = np.stack([field for field, _ in shown]) if shown else np.empty((0, CELLS, CELLS), np.float32)
        coverage = render_fields(fields, [place for _, place in shown], width_px, height_px)
        colour = theme().colour
        return image_from_coverage(coverage, colour.ink, colour.paper)


def _fitted(picture: QImage, room: QRectF) -> QRectF:
    """The largest rectangle in the shape of the picture, in the middle of the room."""
    scale = min(room.width() / picture.width(), room.height() / picture.height())
    fitted = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
    fitted.moveCenter(room.center())
    return fitted
