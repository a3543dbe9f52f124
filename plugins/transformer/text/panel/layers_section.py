"""The inspector's part for layers: the guess of each one at the marked place, and how a pinned word rises."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import EngineTasks, Label, hue_of, named_button, put_in_a_column, small_label, theme, theme_source
from studio.core.text.token import named, percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, grouped, translate

from ..state import LogitLens
from .ablation_section import WatchedPresenter
from .layers_grid import LogitLensGrid, layer_name

NOTE: Final = N_(
    "Each layer’s state is read as if it were the last one (logit lens). Early layers were never trained to be "
    "read this way."
)
_ROW_PX: Final = 22
_NAME_PX: Final = 58
_WORD_PX: Final = 84
_FIGURE_PX: Final = 56
LENS_KEY: Final = "layers"


class LogitLensLadder(QWidget):
    """One line for each layer at one place, the last one at the top. Signals: picked(token)."""

    picked = Signal(int)

    def __init__(self, object_name: str = "layers_ladder", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(_("The guess of each layer"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._guess: LogitLens | None = None
        self._vocabulary: TextVocabulary | None = None
        self._place = 0
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_guess(self, guess: LogitLens | None, vocabulary: TextVocabulary, place: int) -> None:
        """Show the guesses for what comes after a token. Emits nothing."""
        self._guess, self._vocabulary, self._place = guess, vocabulary, place
        self.setAccessibleDescription("; ".join(self._said(row) for row in range(self._n_rows())))
        self.updateGeometry()
        self.update()

    def _n_rows(self) -> int:
        has_place = self._guess is not None and 0 <= self._place < self._guess.tokens.shape[1]
        return len(self._guess.tokens) if has_place and self._guess is not None else 0

    def _layer(self, row: int) -> int:
        return self._n_rows() - 1 - row

    def _said(self, row: int) -> str:
        if self._guess is None or self._vocabulary is None:
            return ""
        layer = self._layer(row)
        word = named(self._vocabulary.name(int(self._guess.tokens[layer, self._place])))
        return f"{layer_name(layer)}: {word} {percent(float(self._guess.probabilities[layer, self._place]))}"

    def sizeHint(self) -> QSize:
        """A line for each layer; room for one before they are known, so that it can be seen."""
        return QSize(200, theme().scaled(_ROW_PX) * max(self._n_rows(), 1))

    def row_rect(self, row: int) -> QRectF:
        """Where a layer's line is."""
        height = theme().scaled(_ROW_PX)
        return QRectF(0, row * height, self.width(), height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Follow the word of this line."""
        at: QPointF = event.position()
        row = next((row for row in range(self._n_rows()) if self.row_rect(row).contains(at)), -1)
        if row >= 0 and self._guess is not None:
            self.picked.emit(int(self._guess.tokens[self._layer(row), self._place]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all lines: the guess, its bar, and the pinned word's bar under it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in range(self._n_rows()):
            self._paint_row(painter, row)

    def _paint_row(self, painter: QPainter, row: int) -> None:
        if self._guess is None or self._vocabulary is None:
            return
        guess, place, layer, colour = self.row_rect(row), self._place, self._layer(row), theme().colour
        token, share = int(self._guess.tokens[layer, place]), float(self._guess.probabilities[layer, place])
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(colour.text_muted))
        painter.drawText(guess.adjusted(0, 0, -guess.width() + _NAME_PX, 0), middle, layer_name(layer))
        painter.setPen(QColor(colour.text_strong))
        room = QRectF(_NAME_PX, guess.y(), _WORD_PX - 6, guess.height())
        word = named(self._vocabulary.name(token))
        painter.drawText(room, middle, painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, _WORD_PX))
        painter.drawText(guess, middle | Qt.AlignmentFlag.AlignRight, percent(share))
        track = QRectF(_NAME_PX + _WORD_PX, guess.center().y() - 5, 0, 10)
        track.setRight(guess.right() - _FIGURE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.groove))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(QColor(hue_of(self).fill))
        painter.drawRoundedRect(QRectF(track.x(), track.y(), max(track.width() * share, 2), track.height()), 3, 3)
        if self._guess.pinned is not None:
            pinned = float(self._guess.pinned_probabilities[layer, place])
            width = max(track.width() * pinned, 2)
            ink = QColor(theme().hues["autoregressive"].fill)
            painter.fillRect(QRectF(track.x(), track.bottom() + 1, width, 3), ink)


class LogitLensSection(QWidget):
    """Signals: picked(token): follow this word. unpinned(): follow none."""

    picked = Signal(int)
    unpinned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ladder = LogitLensLadder()
        self.ladder.picked.connect(self.picked)
        self.pinned = Label()
        self.pinned.setWordWrap(True)
        self.unpin = named_button("unpin", N_("Follow no word"), kind="link", pressed=self.unpinned)
        self.unpin.hide()
        note = small_label(translate(NOTE))
        put_in_a_column(self, (self.ladder, self.pinned, self.unpin, note))

    def show_guess(self, guess: LogitLens | None, vocabulary: TextVocabulary, place: int) -> None:
        """Show the guesses at a place, and what becomes of the pinned word. Emits nothing."""
        self.ladder.show_guess(guess, vocabulary, place)
        is_pinned = guess is not None and guess.pinned is not None
        self.unpin.setVisible(is_pinned)
        self.pinned.setText(_pinned_words(guess, vocabulary, place))


def _pinned_words(guess: LogitLens | None, vocabulary: TextVocabulary, place: int) -> str:
    if guess is None or guess.pinned is None or not 0 <= place < guess.tokens.shape[1]:
        return _("Click a guess to follow that word through the layers.")
    ranks = guess.pinned_ranks[:, place] + 1
    word = named(vocabulary.name(guess.pinned))
    first = next((layer for layer in range(len(ranks)) if ranks[layer] == 1), None)
    text = N_("“{word}” rises from choice {start} to choice {end}.")
    said = translate(text).format(word=word, start=grouped(int(ranks[0])), end=grouped(int(ranks[-1])))
    if first is None:
        return said
    return f"{said} " + _("{layer} is the first to prefer it.").format(layer=layer_name(first))


class LogitLensPresenter(WatchedPresenter):
    """Signals: place_chosen(place): look at what stands there."""

    place_chosen = Signal(int)

    def __init__(self, section: LogitLensSection, grid: LogitLensGrid, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(section, tasks, parent)
        self._grid = grid
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._place = 0
        self._change = ""
        self._pinned: int | None = None
        self._guess: LogitLens | None = None
        section.picked.connect(self.pin)
        section.unpinned.connect(partial(self.pin, None))
        grid.picked.connect(self._on_picked)

    def follow(self) -> None:
        """Read the layers of the text."""
        if self._is_watched:
            self._ask()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int, change: str) -> None:
        """The text on screen; the guesses shown are those for the token at `place`."""
        self._ids, self._words, self._place, self._change = tuple(ids), tuple(words), place, change
        if self._is_watched:
            self._ask()
            self._draw()

    def pin(self, token: int | None) -> None:
        """Follow a word through the layers, or none."""
        self._pinned = token
        self._ask()

    def _ask(self) -> None:
        wanted = self._ids, self._change, self._pinned
        if self._ids and wanted != self._asked:
            self._asked = wanted
            self._tasks.ask(LENS_KEY, lambda engine: engine.layers(*wanted), done=self._on_read)

    def _on_read(self, guess: LogitLens) -> None:
        self._guess = guess
        self._draw()

    def _draw(self) -> None:
        if self._vocabulary is None:
            return
        fits = self._guess is not None and self._guess.tokens.shape[1] <= len(self._ids)
        guess = self._guess if fits else None
        before = max(self._place - 1, 0)  # what was guessed for the marked token stands at the one before it
        self._section.show_guess(guess, self._vocabulary, before)
        self._grid.show_guess(guess, self._vocabulary, self._ids, self._words, before)

    def _on_picked(self, place: int, token: int) -> None:
        self.pin(token)
        self.place_chosen.emit(min(place + 1, len(self._ids) - 1))
