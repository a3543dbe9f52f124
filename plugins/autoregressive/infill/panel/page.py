"""The text as chips in which a click makes a blank of a word, the key to its colours, and the order of blanks."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from studio.api.gapped_text.page import GapPage, GapStage
from studio.api.panel import theme
from studio.core.text.token import TextToken, sentence
from studio.core.translation import N_, _, translate

from ..passage import Passage
from .strip import OrderStrip

GIVEN: Final = N_("“{word}” is part of the text. Click to blank it out.")
OPEN: Final = N_("Blank {n} is filled in as number {n} of {n_all} (its place in the factorisation order).")
BACK: Final = N_("Click to put the word back.")
_NEXT_ALPHA: Final = 0.30
_OPEN_ALPHA: Final = 0.12


class InfillPage(GapPage):
    """Signals: see GapPage."""

    def __init__(self) -> None:
        super().__init__("order_page", _("The text: choose words to blank out"))
        self._passage = Passage((), ())
        self._n_told = 0

    def show_passage(self, passage: Passage, n_told: int, words: Sequence[tuple[int, ...]]) -> None:
        """Say which tokens are blanks and how many are filled, and the tokens of each word. Emits nothing."""
        self._passage, self._n_told = passage, n_told
        self.set_words(words)

    def told(self, place: int) -> str:
        """What is said of a token."""
        tokens: Sequence[TextToken] = self.sheet.tokens
        if not 0 <= place < len(tokens):
            return ""
        turn, word = self._passage.turn_of(place), tokens[place].name
        if turn is None:
            return translate(GIVEN).format(word=word)
        if turn >= self._n_told:
            said = translate(OPEN).format(n=turn + 1, n_all=len(self._passage.order))
            return f"{said}\n{translate(BACK)}"
        return f"{sentence(tokens[place])}\n{translate(BACK)}"

    def paint_gap(self, painter: QPainter, rect: QRectF, place: int) -> None:
        """Draw a numbered box for each blank and a line under each that is filled."""
        turn = self._passage.turn_of(place)
        if turn is None:
            return
        if turn < self._n_told:
            self.paint_filled(painter, rect)
            return
        box = self.paint_open(painter, rect, _NEXT_ALPHA if turn == self._n_told else _OPEN_ALPHA)
        painter.setFont(theme().font("body", QFont.Weight.DemiBold))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(turn + 1))


class InfillStage(GapStage):
    """The parts of the middle, one below the other."""

    def __init__(self) -> None:
        self.page, self.strip = InfillPage(), OrderStrip()
        super().__init__(self.page, self.strip)
