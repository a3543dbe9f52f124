"""The text as chips in which a click makes a gap of a word, looks into one, or puts the word back."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from studio.api.gapped_text.page import GapPage
from studio.core.text.token import sentence
from studio.core.translation import N_, _, translate

from ..state import GIVEN, OPEN, Filling

GIVEN_TIP: Final = N_("Click to make a gap here.")
GAP_TIP: Final = N_("Click to see what could go here; click again to put the word back.")
_MARKED_ALPHA: Final = 0.30
_OPEN_ALPHA: Final = 0.12


class FillInPage(GapPage):
    """Signals: see GapPage."""

    def __init__(self) -> None:
        super().__init__("fill_page", _("The text: choose words to make gaps"))
        self._filling: Filling | None = None
        self._marked: tuple[int, ...] = ()

    def show_filling(self, filling: Filling, words: Sequence[tuple[int, ...]], marked: tuple[int, ...]) -> None:
        """Say what is a gap, the tokens of each word, and the places that are looked into. Emits nothing."""
        self._filling, self._marked = filling, marked
        self.set_words(words)

    def told(self, place: int) -> str:
        """What is said of a token."""
        tokens, filling = self.sheet.tokens, self._filling
        if filling is None or not 0 <= place < min(len(tokens), len(filling.turn)):
            return ""
        if filling.now[place] == OPEN:
            return translate(GAP_TIP)
        tip = GIVEN_TIP if filling.turn[place] == GIVEN else GAP_TIP
        said = "" if tokens[place].surprise_bits is None else f"{sentence(tokens[place])}\n"
        return f"{said}{translate(tip)}"

    def paint_gap(self, painter: QPainter, rect: QRectF, place: int) -> None:
        """Draw a box for each open gap and a line under each that is filled; the marked one is stronger."""
        filling, is_marked = self._filling, place in self._marked
        if filling is None or place >= len(filling.turn) or filling.turn[place] == GIVEN:
            return
        if filling.now[place] == OPEN:
            self.paint_open(painter, rect, *(_MARKED_ALPHA, 2) if is_marked else (_OPEN_ALPHA, 1))
        else:
            self.paint_filled(painter, rect, 4 if is_marked else 2)
