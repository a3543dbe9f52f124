"""A page of examples to click, four in a row."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.api.panel import (
    Button,
    DrawnItems,
    SteadyLabel,
    clipped,
    hue_of,
    image_from_array,
    put_in_a_column,
    rounded,
    steps_along,
    theme,
)
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray

N_COLUMNS: Final = 4
N_ROWS: Final = 2
N_PAGE: Final = N_COLUMNS * N_ROWS
_GAP_PX: Final = 8
_RING_PX: Final = 3
_WAYS: Final = steps_along(N_COLUMNS)


class StylesGalleryPage(DrawnItems):
    """The pictures of one page. Arrow keys and a click choose. Signals: picked(index) among all pictures."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("examples")
        self.setAccessibleName(_("Examples"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._pictures: ByteArray | None = None
        self._names: tuple[str, ...] = ()
        self._chosen = -1
        self._page = 0

    def set_pictures(self, pictures: ByteArray, names: Sequence[str]) -> None:
        """Offer pictures (N, H, W, 3). Emits nothing."""
        self._pictures, self._names = pictures, tuple(names)
        self.update()

    def set_chosen(self, index: int) -> None:
        """Mark one, on its page; -1 for none, which leaves the page. Emits nothing."""
        self._chosen = index
        if index >= 0:
            self._page = index // N_PAGE
        name = self._names[index] if 0 <= index < len(self._names) else ""
        self.setAccessibleDescription(name)
        self.update()

    def set_page(self, page: int) -> None:
        """Turn to a page. Emits nothing."""
        self._page = page % max(1, self.n_pages)
        self.update()

    @property
    def page(self) -> int:
        """The page on show, 0 is the first."""
        return self._page

    @property
    def n_pages(self) -> int:
        """How many pages there are."""
        return -(-len(self._names) // N_PAGE)

    def heightForWidth(self, width: int) -> int:
        """Squares in two rows."""
        side = (width - (N_COLUMNS - 1) * _GAP_PX - 2 * _RING_PX) / N_COLUMNS
        return round(N_ROWS * side + (N_ROWS - 1) * _GAP_PX + 2 * _RING_PX)

    def sizeHint(self) -> QSize:
        """As wide as the inspector."""
        return QSize(240, self.heightForWidth(240))

    def minimumSizeHint(self) -> QSize:
        """As narrow as it must be."""
        return QSize(120, self.heightForWidth(max(120, self.width())))

    def item_rect(self, index: int) -> QRectF:
        """Where a picture of the page lies; `index` counts on the page."""
        side = (self.width() - (N_COLUMNS - 1) * _GAP_PX - 2 * _RING_PX) / N_COLUMNS
        row, column = divmod(index, N_COLUMNS)
        return QRectF(_RING_PX + column * (side + _GAP_PX), _RING_PX + row * (side + _GAP_PX), side, side)

    def item_at(self, at: QPointF) -> int:
        """The picture there, among all."""
        found = next((index for index in range(N_PAGE) if self.item_rect(index).contains(at)), -1)
        index = self._page * N_PAGE + found
        return index if found >= 0 and index < len(self._names) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a picture."""
        index = self.item_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.picked.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from picture to picture; other keys are the window's."""
        way = _WAYS.get(Qt.Key(event.key()))
        if way is None or not self._names:
            super().keyPressEvent(event)
            return
        target = self._chosen + way if self._chosen >= 0 else self._page * N_PAGE
        self.picked.emit(target % len(self._names))

    def hint_of(self, index: int) -> str:
        """What a picture shows."""
        return self._names[index] if index >= 0 else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the page."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colour, radius = theme().colour, theme().size.radius_small
        for place in range(N_PAGE):
            index, rect = self._page * N_PAGE + place, self.item_rect(place)
            if self._pictures is None or index >= len(self._names):
                continue
            path = rounded(rect, radius)
            with clipped(painter, path):
                painter.drawImage(rect, image_from_array(self._pictures[index]))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colour.text_muted if index == self._hovered else colour.border), 1))
            painter.drawPath(path)
            if index == self._chosen:
                painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else hue_of(self).fill), 3))
                painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), radius + 1, radius + 1)


class StylesGallery(QWidget):
    """A page with the buttons that turn it, and what else stands in their line. Signals: picked(index)."""

    picked = Signal(int)

    def __init__(self, *beside: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = StylesGalleryPage()
        self.page.picked.connect(self.picked)
        self.back = Button("‹", hint=N_("Previous examples"))
        self.on = Button("›", hint=N_("Next examples"))
        self.words = SteadyLabel(role="small")
        for button, name, title, way in (
            (self.back, "examples_back", N_("Previous examples"), -1),
            (self.on, "examples_on", N_("Next examples"), 1),
        ):
            button.setObjectName(name)
            button.setAccessibleName(translate(title))
            button.setFixedWidth(32)
            button.clicked.connect(lambda _=False, way=way: self._turn(way))
        line = QHBoxLayout()
        line.setSpacing(6)
        for widget in (self.back, self.on, self.words, *beside):
            line.addWidget(widget, int(widget is self.words))
        put_in_a_column(self, (self.page, line), 6)

    def set_pictures(self, pictures: ByteArray, names: Sequence[str]) -> None:
        """Offer pictures (N, H, W, 3). Emits nothing."""
        self.page.set_pictures(pictures, names)
        self._say()

    def set_chosen(self, index: int) -> None:
        """Mark one; -1 for none. Emits nothing."""
        self.page.set_chosen(index)
        self._say()

    def _turn(self, way: int) -> None:
        self.page.set_page(self.page.page + way)
        self._say()

    def _say(self) -> None:
        n = self.page.n_pages
        text = _("Page {page} of {n}").format(page=self.page.page + 1, n=n) if n else ""
        self.words.set_text(text)
