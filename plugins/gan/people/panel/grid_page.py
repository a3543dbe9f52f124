"""A page of seeds, eight by eight: each cell is a face to go to, to mix in or to pin."""

from collections.abc import Collection, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import (
    ENTER,
    DrawnItems,
    Sized,
    clipped,
    hue_of,
    icon_pixmap,
    image_from_array,
    rounded,
    steps_along,
    theme,
)
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray

N_COLUMNS: Final = 8
N_PAGE: Final = N_COLUMNS * N_COLUMNS
GAP_PX: Final = 5
PIN_PX: Final = 16
NOTCH: Final = 120
HINT: Final = N_("Seed {seed}. Click to go to it, Shift-click to mix it in as face B, right-click to pin it.")
_WAYS: Final = steps_along(N_COLUMNS)
_TURNS: Final = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}


class GridPage(Sized, DrawnItems):
    """Up to 64 seeds and their pictures, of which the first ones are drawn already.

    Signals:
        chosen(seed), mixed(seed): click or Enter, without and with Shift.
        pin_toggled(seed): right click, a click on the pin, or the key P.
        turned(way): -1 or 1, wheel and PageUp, PageDown. closed(): Escape.
    """

    chosen = Signal(int)
    mixed = Signal(int)
    pin_toggled = Signal(int)
    turned = Signal(int)
    closed = Signal()
    room_px, least_px = (440, 440), (160, 160)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seed_page")
        self.setAccessibleName(_("Page of seeds"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._seeds: Sequence[int] = ()
        self._images: list[QImage] = []
        self._pinned: Collection[int] = ()
        self._current = -1
        self._place = 0
        self._turned = 0.0
        self._describe()

    @property
    def seeds(self) -> Sequence[int]:
        """The seeds on the page."""
        return self._seeds

    @property
    def n_drawn(self) -> int:
        """How many of them are drawn already."""
        return len(self._images)

    def show_seeds(self, seeds: Sequence[int]) -> None:
        """Offer other seeds, none of which is drawn yet. Emits nothing."""
        if tuple(seeds) != tuple(self._seeds):
            self._images = []
        self._seeds = tuple(seeds)
        self._place = min(self._place, max(0, len(seeds) - 1))
        self._describe()

    def show_pictures(self, pictures: ByteArray) -> None:
        """Show the first n pictures (n, H, W, 3); of the others what was there before. Emits nothing."""
        fresh = [image_from_array(one) for one in pictures]
        self._images = fresh + self._images[len(fresh) :]
        self.update()

    def show_marks(self, current: int, pinned: Collection[int]) -> None:
        """Mark the present seed, -1 for none, and the pinned ones. Emits nothing."""
        self._current, self._pinned = current, pinned
        self._describe()

    def go_to(self, seed: int) -> None:
        """Let the keyboard stand on a seed, if it is here."""
        if seed in self._seeds:
            self._place = list(self._seeds).index(seed)
            self._describe()

    def _describe(self) -> None:
        if self._place < len(self._seeds):
            seed = self._seeds[self._place]
            said = _("Seed {seed}, {n} of {all}").format(seed=seed, n=self._place + 1, all=len(self._seeds))
            pinned = ", " + _("pinned") if seed in self._pinned else ""
            self.setAccessibleDescription(said + pinned)
        else:
            self.setAccessibleDescription(_("No seed is pinned yet."))
        self.update()

    # Places

    def item_rect(self, index: int) -> QRectF:
        """Where a cell lies: squares in the middle of the widget."""
        side = min(self.width(), self.height()) - 4
        pitch = (side + GAP_PX) / N_COLUMNS
        left, top = (self.width() - side) / 2, (self.height() - side) / 2
        row, column = divmod(index, N_COLUMNS)
        return QRectF(left + column * pitch, top + row * pitch, pitch - GAP_PX, pitch - GAP_PX)

    def pin_rect(self, index: int) -> QRectF:
        """Where the pin of a cell lies."""
        rect = self.item_rect(index)
        return QRectF(rect.right() - PIN_PX - 3, rect.top() + 3, PIN_PX, PIN_PX)

    def item_at(self, at: QPointF) -> int:
        """The cell there, -1 for none."""
        return next((index for index in range(len(self._seeds)) if self.item_rect(index).contains(at)), -1)

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there, mix it in, or pin it."""
        index = self.item_at(event.position())
        if index < 0:
            return
        self._place = index
        self._describe()
        is_on_pin = self.pin_rect(index).contains(event.position())
        if event.button() == Qt.MouseButton.RightButton or is_on_pin:
            self.pin_toggled.emit(self._seeds[index])
        elif event.button() == Qt.MouseButton.LeftButton:
            self._choose(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def _choose(self, is_mixed: bool) -> None:
        (self.mixed if is_mixed else self.chosen).emit(self._seeds[self._place])

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the page."""
        self._turned += event.angleDelta().y() / NOTCH
        n_whole = int(self._turned)
        if n_whole:
            self._turned -= n_whole
            self.turned.emit(-1 if n_whole > 0 else 1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk over the cells, choose, pin, turn the page or leave it; other keys are the window's."""
        key, n = Qt.Key(event.key()), len(self._seeds)
        if key in _WAYS and n:
            self._place = min(max(self._place + _WAYS[key], 0), n - 1)
            self._describe()
        elif key in ENTER and n:
            self._choose(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_P and n:
            self.pin_toggled.emit(self._seeds[self._place])
        elif key in _TURNS:
            self.turned.emit(_TURNS[key])
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def hint_of(self, index: int) -> str:
        """Which seed it is, and what can be done with it."""
        return translate(HINT).format(seed=self._seeds[index]) if index >= 0 else ""

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all cells, drawn ones with their pictures."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if not self._seeds:
            painter.setPen(QColor(theme().colour.text_muted))
            text = _("No seed is pinned yet. Right-click a face to pin it.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        for index, seed in enumerate(self._seeds):
            self._paint_cell(painter, index, seed)

    def _paint_cell(self, painter: QPainter, index: int, seed: int) -> None:
        colour, radius, rect = theme().colour, theme().size.radius_small, self.item_rect(index)
        path = rounded(rect, radius)
        painter.fillPath(path, QColor(colour.control))
        if index < len(self._images):
            with clipped(painter, path):
                painter.drawImage(rect, self._images[index])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour.text_muted if index == self._hovered else colour.border), 1))
        painter.drawPath(path)
        is_here = self.hasFocus() and index == self._place
        if is_here or seed == self._current:
            painter.setPen(QPen(QColor(colour.focus if is_here else hue_of(self).fill), 2.5))
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), radius + 1, radius + 1)
        if seed in self._pinned or index == self._hovered:
            self._paint_pin(painter, index, seed in self._pinned)

    def _paint_pin(self, painter: QPainter, index: int, is_pinned: bool) -> None:
        rect = self.pin_rect(index)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.card))
        painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 4, 4)
        name, ink = ("pin_filled", hue_of(self).fill) if is_pinned else ("pin", theme().colour.text_muted)
        painter.drawPixmap(rect.adjusted(2, 2, -2, -2).toRect(), icon_pixmap(name, ink))
