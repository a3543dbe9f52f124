"""Layers by tokens: in every square the word that the layer would say next; the pinned word's way up is marked."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, show_tip, theme, theme_source
from studio.core.text.token import named, percent, visible
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import _, grouped, within

from ..state import LogitLens

_ROW_PX: Final = 21
_COLUMN_PX: Final = 82
_HEAD_PX: Final = 70
_MOST_ROWS: Final = 16


class LogitLensGrid(QWidget):
    """The last layer stands at the top, the tokens around the playhead side by side.

    Signals: picked(place, token): the person clicked a guess for what comes after the token at `place`.
    """

    picked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layers_grid")
        self.setAccessibleName(_("What each layer would say next"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._guess: LogitLens | None = None
        self._vocabulary: TextVocabulary | None = None
        self._words: tuple[str, ...] = ()
        self._ids: tuple[int, ...] = ()
        self._place = 0
        theme_source().theme_changed.connect(self.updateGeometry)
        self.hide()

    def show_guess(
        self,
        guess: LogitLens | None,
        vocabulary: TextVocabulary,
        ids: Sequence[int],
        words: Sequence[str],
        place: int,
    ) -> None:
        """Show the guesses around a token; nothing for None. Emits nothing."""
        is_resized = (self._guess is None) != (guess is None)
        self._guess, self._vocabulary = guess, vocabulary
        self._ids, self._words, self._place = tuple(ids), tuple(words), place
        if is_resized:
            self.updateGeometry()
        self.update()

    def _layers(self) -> list[int]:
        """The layers that have a row, the last one first; of many layers some are left out."""
        if self._guess is None:
            return []
        n_layers = len(self._guess.tokens)
        step = -(-n_layers // _MOST_ROWS)
        return list(range(n_layers - 1, -1, -step))

    def sizeHint(self) -> QSize:
        """A line for each layer and one for the words."""
        return QSize(400, theme().scaled(_ROW_PX) * (len(self._layers()) + 1))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    def columns(self) -> range:
        """The tokens that have a column: as many as there is room for, that at the playhead among them."""
        n_known = 0 if self._guess is None else self._guess.tokens.shape[1]
        n_shown = max(1, int((self.width() - _HEAD_PX) // theme().scaled(_COLUMN_PX)))
        first = min(max(self._place - n_shown // 2, 0), max(n_known - n_shown, 0))
        return range(first, min(first + n_shown, n_known))

    def cell_rect(self, row: int, place: int) -> QRectF:
        """The square of a row, the top one being 0 and that of the words -1, and a token."""
        height, width = theme().scaled(_ROW_PX), theme().scaled(_COLUMN_PX)
        column = place - self.columns().start
        return QRectF(_HEAD_PX + column * width, (row + 1) * height, width - 2, height - 2)

    def _cell_at(self, at: QPointF) -> tuple[int, int] | None:
        cells = ((row, place) for row in range(len(self._layers())) for place in self.columns())
        return next((cell for cell in cells if self.cell_rect(*cell).contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Follow the word under the pointer."""
        cell = self._cell_at(event.position())
        if cell is not None and self._guess is not None:
            row, place = cell
            self.picked.emit(place, int(self._guess.tokens[self._layers()[row], place]))

    def event(self, event: QEvent) -> bool:
        """Say what a square means."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._cell_at(QPointF(event.pos()))
            show_tip(event.globalPos(), "" if cell is None else self._told(*cell), self)
            return True
        return super().event(event)

    def _told(self, row: int, place: int) -> str:
        guess, vocabulary = self._guess, self._vocabulary
        if guess is None or vocabulary is None:
            return ""
        layer = self._layers()[row]
        word = named(vocabulary.name(int(guess.tokens[layer, place])))
        text = _("After “{before}”, {layer} would say “{word}” ({share})")
        share = percent(float(guess.probabilities[layer, place]))
        lines = [text.format(before=named(self._words[place]), layer=within(layer_name(layer)), word=word, share=share)]
        if guess.pinned is not None:
            pinned = named(vocabulary.name(guess.pinned))
            text = _("“{word}” is choice {n} here ({share})")
            chance = percent(float(guess.pinned_probabilities[layer, place]))
            lines.append(text.format(word=pinned, n=grouped(int(guess.pinned_ranks[layer, place]) + 1), share=chance))
        return "\n".join(lines)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words along the top, the layers along the side, and all squares."""
        if self._guess is None or self._vocabulary is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("small"))
        for place in self.columns():
            is_here = place == self._place
            painter.setPen(QColor(hue_of(self).text if is_here else theme().colour.text_muted))
            self._paint_words(painter, self.cell_rect(-1, place), self._words[place])
        for row, layer in enumerate(self._layers()):
            painter.setPen(QColor(theme().colour.text_muted))
            room = QRectF(0, self.cell_rect(row, self.columns().start).y(), _HEAD_PX - 8, theme().scaled(_ROW_PX))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, layer_name(layer))
            for place in self.columns():
                self._paint_cell(painter, row, layer, place)

    def _paint_cell(self, painter: QPainter, row: int, layer: int, place: int) -> None:
        if self._guess is None or self._vocabulary is None:
            return
        rect, token = self.cell_rect(row, place), int(self._guess.tokens[layer, place])
        fill = QColor(hue_of(self).fill)
        fill.setAlphaF(0.08 + 0.6 * float(self._guess.probabilities[layer, place]))
        is_pinned = token == self._guess.pinned
        is_next = place + 1 < len(self._ids) and token == self._ids[place + 1]
        painter.setPen(QPen(QColor(theme().hues["autoregressive"].fill), 1.5) if is_pinned else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 3, 3)
        font = theme().font("small")
        font.setBold(is_next)
        painter.setFont(font)
        painter.setPen(QColor(theme().colour.text_strong))
        self._paint_words(painter, rect, self._vocabulary.name(token))

    def _paint_words(self, painter: QPainter, rect: QRectF, text: str) -> None:
        words = text.strip() or visible(text) or "·"
        room = rect.adjusted(4, 0, -4, 0)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


def layer_name(layer: int) -> str:
    """What a row is called: the embeddings are before all layers."""
    return _("Layer {n}").format(n=layer) if layer else _("Input")
