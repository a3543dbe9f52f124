"""Heads of a layer as small squares, and one of them large: each row is a token, each column one that it looked at."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import DrawnItems, hue_of, image_from_array, show_tip, theme, theme_source
from studio.core.text.token import named, percent
from studio.core.translation import N_, _, translate

_CELL_PX: Final = 44
_GAP_PX: Final = 6
_MOST_TOKENS: Final = 96
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_SIDE_PX: Final = 280
LOOKED: Final = N_("“{word}” looked at “{other}”: {share}")


def map_image(weights: npt.NDArray[Any], fill: QColor, ground: QColor) -> QImage:
    """Weights (T, S), 0 to 1, as a picture between two colours; roots, so that small weights are seen too."""
    strength = np.sqrt(np.clip(weights.astype(np.float32), 0.0, 1.0))[..., None]
    low, high = (np.array([ink.red(), ink.green(), ink.blue()], np.float32) for ink in (ground, fill))
    pixels = np.rint(low + strength * (high - low)).astype(np.uint8)
    return image_from_array(np.ascontiguousarray(pixels)).copy()


class AttentionMaps(DrawnItems):
    """The squares, one of them chosen; Left and Right go from head to head.

    Signals: head_chosen(head), head_switched(head): switch this head off, or on again (Delete or a right click).
    """

    head_chosen = Signal(int)
    head_switched = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("attention_maps")
        self.setAccessibleName(_("Heads of this layer"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._weights: npt.NDArray[Any] | None = None
        self._images: list[QImage] = []
        self._roles: tuple[str, ...] = ()
        self._current = 0
        self._muted: frozenset[int] = frozenset()
        theme_source().theme_changed.connect(self._draw)

    def show_layer(self, weights: npt.NDArray[Any] | None, roles: Sequence[str] = ()) -> None:
        """Show attention (N, T, T) of a layer and what each head does; None for nothing. Emits nothing."""
        is_resized = self._n_heads() != (0 if weights is None else len(weights))
        self._weights, self._roles = weights, tuple(roles)
        self._draw()
        if is_resized:
            self.updateGeometry()

    def set_current(self, head: int) -> None:
        """Choose a head. Emits nothing."""
        self._current = head
        self.update()

    def set_muted(self, heads: frozenset[int]) -> None:
        """Show that these are off. Emits nothing."""
        self._muted = heads
        self.update()

    def _n_heads(self) -> int:
        return 0 if self._weights is None else len(self._weights)

    def _draw(self) -> None:
        fill, ground = QColor(hue_of(self).fill), QColor(theme().colour.field)
        weights = self._weights if self._weights is not None else ()
        self._images = [map_image(head[-_MOST_TOKENS:, -_MOST_TOKENS:], fill, ground) for head in weights]
        self.update()

    def sizeHint(self) -> QSize:
        """Rows of squares."""
        return QSize(300, self.heightForWidth(300))

    def heightForWidth(self, width: int) -> int:
        """As many rows as are needed."""
        per_row = max(1, (width + _GAP_PX) // (theme().scaled(_CELL_PX) + _GAP_PX))
        rows = -(-self._n_heads() // per_row)
        return max(0, rows * (theme().scaled(_CELL_PX) + _GAP_PX) - _GAP_PX)

    def cell_rect(self, head: int) -> QRectF:
        """Where a head's square is."""
        cell = theme().scaled(_CELL_PX)
        per_row = max(1, (self.width() + _GAP_PX) // (cell + _GAP_PX))
        row, column = divmod(head, per_row)
        return QRectF(column * (cell + _GAP_PX), row * (cell + _GAP_PX), cell, cell)

    def item_at(self, at: QPointF) -> int:
        """The head at a place."""
        return next((head for head in range(self._n_heads()) if self.cell_rect(head).contains(at)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a head, or switch it with the right button."""
        head = self.item_at(event.position())
        if head < 0:
            return
        if event.button() == Qt.MouseButton.RightButton:
            self.head_switched.emit(head)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._choose(head)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next head, or switch it."""
        step = _ALONG.get(Qt.Key(event.key()))
        if step is not None and self._n_heads():
            self._choose((self._current + step) % self._n_heads())
        elif event.key() == Qt.Key.Key_Delete and self._n_heads():
            self.head_switched.emit(self._current)
        else:
            super().keyPressEvent(event)

    def hint_of(self, head: int) -> str:
        """What a head does on this text."""
        if head < 0:
            return ""
        name = _("Head {n}").format(n=head + 1)
        role = self._roles[head] if head < len(self._roles) else ""
        return f"{name}: {role}" if role else name

    def _choose(self, head: int) -> None:
        self.set_current(head)
        self.head_chosen.emit(head)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all squares; crosses over those that are off."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for head, image in enumerate(self._images):
            rect = self.cell_rect(head)
            painter.drawImage(rect, image)
            if head in self._muted:
                painter.fillRect(rect, QColor(theme().colour.control))
                painter.setPen(QPen(QColor(theme().colour.text_muted), 1.5))
                painter.drawLine(rect.topLeft() + QPointF(8, 8), rect.bottomRight() - QPointF(8, 8))
                painter.drawLine(rect.topRight() + QPointF(-8, 8), rect.bottomLeft() + QPointF(8, -8))
            is_current = head == self._current
            edge = hue_of(self).text if is_current else theme().colour.border
            painter.setPen(QPen(QColor(edge), 2 if is_current else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


class WeightPicture(QWidget):
    """Weights as one picture, with a line around what is looked at; takes no room where there are none."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._weights: npt.NDArray[Any] | None = None
        self._words: tuple[str, ...] = ()
        self._place = -1
        self._image = QImage()
        theme_source().theme_changed.connect(self._draw)
        self.hide()

    def show_weights(self, weights: npt.NDArray[Any] | None, words: Sequence[str], place: int) -> None:
        """Show weights, (rows, columns), of these words, with a line around one. Emits nothing."""
        self._weights, self._words, self._place = weights, tuple(words), place
        self._draw()

    def _draw(self) -> None:
        self._image = QImage()
        if self._weights is not None and len(self._weights):
            self._image = map_image(self._weights, QColor(hue_of(self).fill), QColor(theme().colour.field))
        self.setVisible(not self._image.isNull())
        self.updateGeometry()
        self.update()

    def area(self) -> QRectF:
        """Where the picture is."""
        return QRectF(self.rect())

    def ring(self) -> QRectF:
        """What the line is around; empty for nothing."""
        raise NotImplementedError

    def told(self, row: int, column: int) -> str:
        """What a weight means."""
        raise NotImplementedError

    def pair_at(self, at: QPointF) -> tuple[int, int] | None:
        """The row and column of a point."""
        area, image = self.area(), self._image
        if image.isNull() or not area.contains(at):
            return None
        row, column = int(at.y() / area.height() * image.height()), int(at.x() / area.width() * image.width())
        return (row, column) if row < image.height() and column < image.width() else None

    def event(self, event: QEvent) -> bool:
        """Say what a spot means."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pair = self.pair_at(QPointF(event.pos()))
            show_tip(event.globalPos(), "" if pair is None else self.told(*pair), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and the line."""
        painter, area = QPainter(self), self.area()
        painter.drawImage(area, self._image)
        painter.setPen(QPen(QColor(theme().colour.border), 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        if not (ring := self.ring()).isEmpty():
            painter.setPen(QPen(QColor(hue_of(self).text), 1.5))
            painter.drawRect(ring)


class AttentionLarge(WeightPicture):
    """Rows are tokens, columns what they looked at. Signals: row_chosen(token): the person clicked that row."""

    row_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None, looks_ahead: bool = False) -> None:
        """`looks_ahead` where words look at those that come after them, too."""
        super().__init__("attention_large", _("Which words looked at which"), parent)
        self._looks_ahead = looks_ahead

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(_SIDE_PX, _SIDE_PX)

    def area(self) -> QRectF:
        """The largest square that there is room for."""
        side = min(self.width(), self.height())
        return QRectF(0, 0, side, side)

    def ring(self) -> QRectF:
        """The row of the marked token."""
        if not 0 <= self._place < self._image.height():
            return QRectF()
        side = self.area().width()
        cell = side / self._image.height()
        return QRectF(0.75, self._place * cell, side - 1.5, max(cell, 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the token of that row."""
        pair = self.pair_at(event.position())
        if pair is not None:
            self.row_chosen.emit(pair[0])

    def told(self, row: int, column: int) -> str:
        """How much a word looked at another one."""
        if self._weights is None or max(row, column) >= len(self._words):
            return ""
        if column > row and not self._looks_ahead:
            return _("No word looks at those that come after it.")
        word, other = named(self._words[row]), named(self._words[column])
        return translate(LOOKED).format(word=word, other=other, share=percent(float(self._weights[row, column])))
