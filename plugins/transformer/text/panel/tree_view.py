"""Draws the tree of ways on: a column for each token, a block for each word; click to zoom, double click to take it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import DrawnItems, hue_of, theme
from studio.core.text.token import named, percent, visible
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, translate

from ..interpret.continuation_tree import PlacedBlock, TreeBlock, followed_share, joint_of, path_to, placed

EMPTY: Final = N_("Grow the tree to see the likeliest continuations.")
LEAF: Final = N_("The tree ends here. Double-click to continue the text this way.")
OTHERS: Final = N_("Other words share {share}")
_HEIGHT_PX: Final = 260
_LEAST_HEIGHT_PX: Final = 90
_BACK_PX: Final = 26
_FOOT_PX: Final = 20
_TEXT_FROM_PX: Final = 12
_LEAST_PX: Final = 1.5


class ContinuationTreeView(DrawnItems):
    """Signals: taken(path): the text shall go on with these tokens."""

    taken = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tree_view")
        self.setAccessibleName(_("The likeliest continuations"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._blocks: tuple[TreeBlock, ...] = ()
        self._placed: tuple[PlacedBlock, ...] = ()
        self._vocabulary: TextVocabulary | None = None
        self._root = -1
        self.hide()

    def show_blocks(self, blocks: Sequence[TreeBlock], vocabulary: TextVocabulary | None) -> None:
        """Show another tree, all of it. Emits nothing."""
        self._blocks, self._vocabulary = tuple(blocks), vocabulary
        self._zoom(-1)

    @property
    def root(self) -> int:
        """The block that is zoomed to, -1 for the whole tree."""
        return self._root

    def sizeHint(self) -> QSize:
        """High enough for the tenth of the likeliest."""
        return QSize(400, theme().scaled(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, theme().scaled(_LEAST_HEIGHT_PX))

    def rect_of(self, one: PlacedBlock) -> QRectF:
        """Where a block is drawn."""
        first = self._blocks[self._root].depth if self._root >= 0 else 0
        depths = max((block.depth for block in self._blocks), default=1) - first
        left = _BACK_PX if self._root >= 0 else 0
        width = (self.width() - left) / max(depths, 1)
        room = self.height() - _FOOT_PX
        top, height = one.top * room, one.height * room
        return QRectF(left + (one.block.depth - first - 1) * width, top, width - 2, max(height - 1, 0.0))

    def item_at(self, at: QPointF) -> int:
        """The number of the block at a point, -1 for none."""
        return next((one.number for one in self._placed if self.rect_of(one).contains(at)), -1)

    # What a hand does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Zoom to a block, or back by the strip at the left."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        number = self.item_at(event.position())
        if number >= 0:
            self._zoom(number)
        elif self._root >= 0 and event.position().x() < _BACK_PX:
            self._zoom(self._blocks[self._root].parent)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go on with the way to the block: the first of both clicks has zoomed to it."""
        if self._root >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.take()

    def take(self) -> None:
        """Go on with the way to the block that is zoomed to."""
        if self._root >= 0:
            self.taken.emit(path_to(self._blocks, self._root))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Right zooms to the likeliest, Left goes back, Up and Down to its neighbours, Enter takes the way."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Right:
            below = [one for one in self._placed if one.block.parent == self._root]
            self._zoom(below[0].number if below else self._root)
        elif key == Qt.Key.Key_Left and self._root >= 0:
            self._zoom(self._blocks[self._root].parent)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            super().keyPressEvent(event)

    def hint_of(self, number: int) -> str:
        """The way to a block, and how likely it is."""
        if self._vocabulary is None or number < 0:
            return ""
        text = "".join(self._vocabulary.texts(path_to(self._blocks, number)))
        alone, joint = percent(self._blocks[number].share), percent(joint_of(self._blocks, number))
        likely = _("{alone} after the word before it, {joint} for the whole path")
        return f"…{text}\n{likely.format(alone=alone, joint=joint)}"

    def _zoom(self, root: int) -> None:
        self._root, self._hovered = root, -1
        self._placed = tuple(placed(self._blocks, root))
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strip that leads back, and all blocks that can be seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("small"))
        if not self._blocks:
            painter.setPen(QColor(theme().colour.text_muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, translate(EMPTY))
            return
        if self._root >= 0:
            painter.fillRect(QRectF(0, 0, _BACK_PX - 4, self.height()), QColor(theme().colour.control))
            painter.setPen(QColor(theme().colour.text_strong))
            painter.drawText(QRectF(0, 0, _BACK_PX - 4, self.height()), Qt.AlignmentFlag.AlignCenter, "‹")
        for one in self._placed:
            if (rect := self.rect_of(one)).height() >= _LEAST_PX:
                self._paint_block(painter, rect, one)
        self._paint_foot(painter)

    def _paint_foot(self, painter: QPainter) -> None:
        """Say what is not drawn."""
        painter.setPen(QColor(theme().colour.text_muted))
        room = self.rect().adjusted(_BACK_PX if self._root >= 0 else 0, 0, 0, -2)
        followed = followed_share(self._blocks, self._root)
        if followed <= 0:
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, translate(LEAF))
            return
        others = translate(OTHERS).format(share=percent(max(0.0, 1 - followed)))
        painter.drawText(room, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, others)

    def _paint_block(self, painter: QPainter, rect: QRectF, one: PlacedBlock) -> None:
        fill = QColor(hue_of(self).fill)
        fill.setAlphaF(0.22 + 0.55 * one.block.share)
        edge = QPen(QColor(theme().colour.focus), 1.5) if one.number == self._hovered else Qt.PenStyle.NoPen
        painter.setPen(edge)
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 3, 3)
        if rect.height() < _TEXT_FROM_PX or self._vocabulary is None:
            return
        text = self._vocabulary.name(one.block.token)
        words = text.strip() or visible(text) or named(text)
        painter.setPen(QColor(theme().colour.text_strong))
        room = rect.adjusted(6, 0, -6, 0)
        share = percent(one.block.share) if room.width() > 90 else ""
        word_px = room.width() - (painter.fontMetrics().horizontalAdvance(share) + 8 if share else 0)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(word_px))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(QColor(theme().colour.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, share)
