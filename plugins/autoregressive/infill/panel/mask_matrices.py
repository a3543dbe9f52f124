"""The masks of both streams as small matrices: a row for each word that looks, a column for each that it may see.

Shape letters: T tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, image_from_coverage, show_tip, theme, theme_source
from studio.core.translation import N_, _, plural, translate

from ..passage import Passage

Mask = npt.NDArray[np.bool_]
TITLES: Final = (N_("what it reads"), N_("what it predicts"))
HINTS: Final = (
    N_("Reading a word: the word itself, the given ones, and those filled in before it (content stream)."),
    N_("Predicting a word: the given words and those filled in before it, but not the word itself (query stream)."),
)
_TITLE_PX: Final = 20
_GAP_PX: Final = 14
_LARGEST_PX: Final = 160


@dataclass(frozen=True, eq=False)
class AttentionMasks:
    """Row i, column j says whether place i may look at the token at place j.

    Attributes:
        content: (T, T) for the content stream, which knows its own token.
        query: (T, T) for the query stream, which tells its own token and may not know it.
    """

    content: Mask
    query: Mask


def masks(n_tokens: int, order: Sequence[int]) -> AttentionMasks:
    """Both masks of a text in which the places of `order` come one after the other and all others are given."""
    ranks = np.zeros(n_tokens, np.int64)
    ranks[list(order)] = np.arange(1, len(order) + 1)
    return AttentionMasks(ranks[None] <= ranks[:, None], ranks[None] < ranks[:, None])


class MaskMatrices(QWidget):
    """Both masks side by side; the row of the present place is framed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order_masks")
        self.setAccessibleName(_("Which words each word sees"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._key: tuple[Passage, str] | None = None
        self._sorted: list[int] = []
        self._masks: tuple[Mask, ...] = ()
        self._images: list[QImage] = []
        self._row = -1
        theme_source().theme_changed.connect(self._on_theme_changed)

    def show_passage(self, passage: Passage, place: int, axes: str) -> None:
        """Show the masks of an order with the row of a place framed, -1 for none; sorted by place or by turn."""
        if self._key != (passage, axes):
            self._key = passage, axes
            self._sorted = sorted_places(passage, axes)
            both = masks(len(passage), passage.order)
            at = np.ix_(self._sorted, self._sorted)
            self._masks = (both.content[at], both.query[at])
            self._draw()
        self._row = self._sorted.index(place) if place in self._sorted else -1
        self.setAccessibleDescription(self._told())
        self.update()

    def seen(self, stream: int) -> int:
        """How many tokens the present place may look at in a stream, 0 for reading and 1 for telling."""
        return int(self._masks[stream][self._row].sum()) if self._row >= 0 else 0

    def sizeHint(self) -> QSize:
        """Two squares with their titles."""
        return QSize(2 * _LARGEST_PX, theme().scaled(_TITLE_PX) + _LARGEST_PX)

    def minimumSizeHint(self) -> QSize:
        """Small squares."""
        return QSize(120, theme().scaled(_TITLE_PX) + _LARGEST_PX)

    def matrix_rect(self, stream: int) -> QRectF:
        """Where a matrix lies."""
        side = min((self.width() - _GAP_PX) / 2, _LARGEST_PX)
        return QRectF(stream * (side + _GAP_PX), theme().scaled(_TITLE_PX), side, side)

    def event(self, event: QEvent) -> bool:
        """Say what a matrix is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            found = next((stream for stream in (0, 1) if self.matrix_rect(stream).contains(at)), None)
            show_tip(event.globalPos(), "" if found is None else translate(HINTS[found]), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both, and a frame around the present row."""
        painter = QPainter(self)
        painter.setFont(theme().font("small"))
        for stream, image in enumerate(self._images):
            rect = self.matrix_rect(stream)
            painter.setPen(QColor(theme().colour.text_muted))
            title = QRectF(rect.x(), 0, rect.width(), rect.y() - 2)
            painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, translate(TITLES[stream]))
            painter.drawImage(rect, image)
            if self._row >= 0:
                height = rect.height() / len(self._sorted)
                row = QRectF(rect.x(), rect.y() + self._row * height, rect.width(), height)
                painter.setPen(QPen(QColor(theme().colour.text_strong), 1))
                painter.drawRect(row.adjusted(0, -0.5, 0, 0.5))

    def _draw(self) -> None:
        ink, paper = hue_of(self).fill, theme().colour.groove
        self._images = [image_from_coverage(mask.astype(np.uint8) * 255, ink, paper) for mask in self._masks]

    def _told(self) -> str:
        if self._row < 0:
            return ""
        one, more = (
            N_("The outlined word is predicted from {n} token."),
            N_("The outlined word is predicted from {n} tokens."),
        )
        return plural(one, more, self.seen(1))

    def _on_theme_changed(self) -> None:
        self._draw()
        self.updateGeometry()
        self.update()


def sorted_places(passage: Passage, axes: str) -> list[int]:
    """Rows and columns by place, or the given words first and then by turn, where both masks are triangles."""
    if axes == "place":
        return list(range(len(passage)))
    return [*(place for place in range(len(passage)) if place not in passage.order), *passage.order]
