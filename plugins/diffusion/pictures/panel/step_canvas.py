"""The canvas of a step: a large picture, beside it on its line one or two small ones, and words under each.

A batch is a mosaic of which one item can be picked. What lies above the pictures, as a brush or a heat map, is added by
others: see `add_overlay`, `picture_rect` and `item_rect`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from studio.api.panel import InteractiveCanvas, enlarge_smooth, hue_of, image_from_array, theme, theme_source
from studio.core.translation import _

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Overlay: TypeAlias = Callable[[QPainter, QRect], None]
ITEM_GAP_PX: Final = 6
_LABEL_GAP_PX: Final = 8
_WORDS = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_ALONG: Final = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
ROOM_SHARE: Final = 0.96  # pictures need air around them
SMALL_SHARE: Final = 0.62  # of the height of the large one
GAP_PX: Final = 32.0


def arrange(aspects: Sequence[float], width_px: float, height_px: float, label_px: float) -> list[QRectF]:
    """As large as they fit, in the middle; the first is the large one.

    Args:
        aspects: width over height of each picture, one to three of them.
        label_px: the room that each of them needs for the words under it.
    """
    room_x, room_y = width_px * ROOM_SHARE, height_px * ROOM_SHARE - label_px
    small = _small_heights(len(aspects))
    widest = max((share * aspect for share, aspect in zip(small, aspects[1:], strict=True)), default=0.0)
    gap = GAP_PX if small else 0.0
    height = max(min(room_y, (room_x - gap) / (aspects[0] + widest)), 1.0)
    stack_gap = label_px + GAP_PX / 2
    heights = [_fitted(share, height, stack_gap, len(small)) for share in small]
    small_widths = [own * aspect for own, aspect in zip(heights, aspects[1:], strict=True)]
    column = max(small_widths, default=0.0)
    left = (width_px - height * aspects[0] - gap - column) / 2
    top = (height_px - height - label_px) / 2
    places = [QRectF(round(left), round(top), round(height * aspects[0]), round(height))]
    bottom = places[0].bottom()
    for own, own_width in zip(reversed(heights), reversed(small_widths), strict=True):
        x = left + height * aspects[0] + gap + (column - own_width) / 2
        places.insert(1, QRectF(round(x), round(bottom - own), round(own_width), round(own)))
        bottom -= own + stack_gap
    return places


def _small_heights(n_pictures: int) -> list[float]:
    """The heights of the small pictures as shares of the large one's."""
    return {1: [], 2: [SMALL_SHARE], 3: [0.5, 0.5]}[n_pictures]


def _fitted(share: float, height: float, stack_gap: float, n_small: int) -> float:
    """Two small pictures give up the room of the words between them."""
    return max(share * height - (stack_gap / 2 if n_small > 1 else 0.0), 1.0)


@dataclass(frozen=True, eq=False)
class CanvasPicture:
    """One picture of the canvas.

    Attributes:
        name: of the view ("noisy").
        pixels: uint8 (H, W, 3) or grey (H, W); of a batch the sheet of all items, ceil(sqrt(n)) of them in a row.
        label: the words under it.
        is_crisp: whether every pixel stays a square; else it is smoothed.
    """

    name: str
    pixels: ByteArray
    label: str = ""
    is_crisp: bool = False


class StepCanvas(InteractiveCanvas):
    """Shows what a step has to show, and takes clicks on it.

    Signals, beside those of InteractiveCanvas:
        item_picked(index): the person clicked an item of a batch, or pressed Enter on it.
        enlarge_requested(name): the person clicked a small picture.
        layout_changed(): the pictures lie elsewhere; what is above them has to follow.

    Attributes:
        overlays: painters that are called in this order above the pictures, in device-independent pixels.
    """

    item_picked = Signal(int)
    enlarge_requested = Signal(str)
    layout_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.overlays: list[Overlay] = []
        self._widgets: list[QWidget] = []
        self._pictures: tuple[CanvasPicture, ...] = ()
        self._n_items = 1
        self._picked: int | None = None
        self._cursor = 0
        self._places: list[QRectF] = []
        self._scaled: dict[str, tuple[tuple[int, ...], list[QImage]]] = {}
        self.setObjectName("step_canvas")
        self.setAccessibleName(_("Picture"))
        theme_source().theme_changed.connect(self._on_theme_changed)
        self._place()

    # What it shows

    def set_pictures(self, pictures: Sequence[CanvasPicture], n_items: int = 1) -> None:
        """Show one to three pictures, the first large; nothing is copied, so nobody may change the pixels afterwards.

        `n_items` are in a batch; 1 is a plain picture.
        """
        before = {shown.name: shown.pixels for shown in self._pictures}
        self._scaled = {
            shown.name: self._scaled[shown.name]
            for shown in pictures
            if shown.name in self._scaled and before[shown.name] is shown.pixels and n_items == self._n_items
        }
        self._pictures = tuple(pictures)
        self._n_items = n_items
        self._cursor = min(self._cursor, n_items - 1)
        self.setAccessibleDescription(self._description())
        self._place()
        self.update()

    def set_picked(self, index: int | None) -> None:
        """Mark an item of the batch, or none; emits nothing."""
        self._picked = index
        if index is not None:
            self._cursor = index
        self.update()

    def add_overlay(self, overlay: QWidget | Overlay) -> None:
        """Put a widget over the whole canvas, or call a painter after the pictures, above all that was added before.

        A widget stays hidden or shown as it was.
        """
        if isinstance(overlay, QWidget):
            self._widgets.append(overlay)
            if overlay.parentWidget() is not self:
                overlay.setParent(self)
            overlay.setGeometry(self.rect())
            overlay.raise_()
        else:
            self.overlays.append(overlay)
        self.update()

    # Where it lies

    def picture_rect(self, name: str) -> QRectF:
        """Where the picture `name` lies, in device-independent pixels; empty where it is not shown."""
        shown = (place for own, place in zip(self._pictures, self._places, strict=False) if own.name == name)
        return next(shown, QRectF())

    def item_rect(self, name: str, index: int) -> QRectF:
        """Where one item of the batch lies in the picture `name`."""
        sheet = self.picture_rect(name)
        n_columns, n_rows = grid_of(self._n_items)
        row, column = divmod(index, n_columns)
        width = (int(sheet.width()) - ITEM_GAP_PX * (n_columns - 1)) // n_columns
        height = (int(sheet.height()) - ITEM_GAP_PX * (n_rows - 1)) // n_rows
        x, y = sheet.x() + column * (width + ITEM_GAP_PX), sheet.y() + row * (height + ITEM_GAP_PX)
        return QRectF(x, y, max(width, 0), max(height, 0))

    def content_rect(self) -> QRectF:
        """Where the large picture lies."""
        return self._places[0]

    def sizeHint(self) -> QSize:
        """Large enough for two pictures; layouts give more."""
        return QSize(640, 440)

    def _place(self) -> None:
        """Lay the pictures out with one line of words under each, or two where a label needs them."""
        aspects = [shown.pixels.shape[1] / shown.pixels.shape[0] for shown in self._pictures] or [1.0]
        line = QFontMetricsF(theme().font()).lineSpacing()
        has_labels = any(shown.label for shown in self._pictures)
        for n_lines in (1, 2):
            label_px = n_lines * line + _LABEL_GAP_PX if has_labels else 0.0
            places = arrange(aspects, self.width(), self.height(), label_px)
            if all(self._is_one_line(index, place) for index, place in enumerate(places)):
                break
        if places != self._places:
            self._places = places
            self.layout_changed.emit()

    def _is_one_line(self, index: int, place: QRectF) -> bool:
        label = self._pictures[index].label if self._pictures else ""
        return QFontMetricsF(theme().font()).horizontalAdvance(label) <= place.width() + GAP_PX

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing is laid out twice."""
        self._place()  # another font makes other labels
        super().paintEvent(event)

    def paint_content(self, painter: QPainter, rect: QRectF) -> None:
        """Draw all pictures, their words, the mark of the picked item, and what others lay above."""
        if not self._pictures:
            self._paint_sheet(painter, rect, QColor(theme().colour.field))
        for shown, place in zip(self._pictures, self._places, strict=False):
            self._paint_picture(painter, shown, place)
            self._paint_label(painter, shown.label, place)
        for overlay in self.overlays:
            painter.save()
            overlay(painter, self.rect())
            painter.restore()

    def _paint_picture(self, painter: QPainter, shown: CanvasPicture, place: QRectF) -> None:
        images = self._images(shown, place)
        ratio = self.devicePixelRatioF()
        for index, image in enumerate(images):
            rect = self.item_rect(shown.name, index)
            brush = QBrush(image)
            to_screen = QTransform.fromTranslate(rect.x(), rect.y())
            brush.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio) * to_screen)
            self._paint_sheet(painter, rect, brush)
        if self._n_items > 1:
            self._paint_marks(painter, shown.name)

    def _paint_sheet(self, painter: QPainter, rect: QRectF, brush: QBrush | QColor) -> None:
        size = theme().size
        radius = size.radius_picture if self._n_items == 1 else size.radius
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.setBrush(brush)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _paint_marks(self, painter: QPainter, name: str) -> None:
        """A frame round the picked item, and one for the keys."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = theme().size.radius
        if self._picked is not None:
            painter.setPen(QPen(QColor(hue_of(self).fill), 3))
            painter.drawRoundedRect(self.item_rect(name, self._picked).adjusted(-1, -1, 1, 1), radius, radius)
        if self._shows_focus and name == self._pictures[0].name:
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.drawRoundedRect(self.item_rect(name, self._cursor).adjusted(3, 3, -3, -3), radius, radius)

    def _paint_label(self, painter: QPainter, label: str, place: QRectF) -> None:
        painter.setPen(QColor(theme().colour.text_muted))
        painter.setFont(theme().font())
        box = QRectF(place.x() - GAP_PX / 2, place.bottom() + _LABEL_GAP_PX, place.width() + GAP_PX, self.height())
        painter.drawText(box, _WORDS, label)

    def _images(self, shown: CanvasPicture, place: QRectF) -> list[QImage]:
        """Every item at the resolution of the screen."""
        ratio = self.devicePixelRatioF()
        key = (round(place.width() * ratio), round(place.height() * ratio), int(shown.is_crisp))
        known = self._scaled.get(shown.name)
        if known is None or known[0] != key:
            size = (self.item_rect(shown.name, 0).size() * ratio).toSize().expandedTo(QSize(1, 1))
            items = items_of(shown.pixels, self._n_items)
            images = [_resized(item, size, shown.is_crisp, is_large=len(items) == 1) for item in items]
            known = self._scaled[shown.name] = (key, images)
        return known[1]

    # The hand

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a drag picks an item, or makes a small picture the large one."""
        is_click = self._pressed_at is not None and not self._is_dragging
        super().mouseReleaseEvent(event)
        if is_click and event.button() == Qt.MouseButton.LeftButton:
            self._click(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """In a batch the arrow keys go from item to item and Enter picks; else see InteractiveCanvas."""
        key = Qt.Key(event.key())
        if self._n_items > 1 and key in _ALONG:
            self._move_cursor(*_ALONG[key])
        elif self._n_items > 1 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(self._cursor)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What lies above has the size of the canvas."""
        super().resizeEvent(event)
        for widget in self._widgets:
            widget.setGeometry(self.rect())
        self._place()

    def _click(self, place: QPointF) -> None:
        for index, shown in enumerate(self._pictures):
            if not self._places[index].contains(place):
                continue
            items = range(self._n_items if self._n_items > 1 else 0)
            item = next((i for i in items if self.item_rect(shown.name, i).contains(place)), None)
            if item is not None and item < self._n_items:
                self._pick(item)
            elif index > 0 and self._n_items == 1:
                self.enlarge_requested.emit(shown.name)

    def _pick(self, index: int) -> None:
        self.set_picked(index)
        self.item_picked.emit(index)

    def _move_cursor(self, dx: int, dy: int) -> None:
        n_columns, _ = grid_of(self._n_items)
        self._shows_focus = True
        self._cursor = min(max(self._cursor + dx + dy * n_columns, 0), self._n_items - 1)
        self.update()

    def _description(self) -> str:
        if self._n_items > 1:
            return _("{n} pictures. Click one, or select it with the arrow keys and press Enter.").format(
                n=self._n_items
            )
        return ". ".join(shown.label for shown in self._pictures if shown.label)

    def _on_theme_changed(self) -> None:
        self._place()
        self.update()


def grid_of(n_items: int) -> tuple[int, int]:
    """Columns and rows of the sheet of a batch, as the frames hold it."""
    n_columns = int(np.ceil(np.sqrt(n_items)))
    return n_columns, -(-n_items // n_columns)


def items_of(sheet: ByteArray, n_items: int) -> list[ByteArray]:
    """The pictures of a batch, cut out of its sheet."""
    n_columns, n_rows = grid_of(n_items)
    height, width = sheet.shape[0] // n_rows, sheet.shape[1] // n_columns
    corners = [divmod(index, n_columns) for index in range(n_items)]
    return [sheet[y * height : (y + 1) * height, x * width : (x + 1) * width] for y, x in corners]


def _resized(pixels: ByteArray, size: QSize, is_crisp: bool, is_large: bool) -> QImage:
    """A picture in another size; only a large one is worth bicubic weights, which take three times as long."""
    is_larger = size.width() >= pixels.shape[1]
    if is_larger and is_large and not is_crisp:
        return image_from_array(enlarge_smooth(pixels, size.width(), size.height()))
    is_square = is_larger and is_crisp
    mode = Qt.TransformationMode.FastTransformation if is_square else Qt.TransformationMode.SmoothTransformation
    return image_from_array(pixels).scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
