"""The inspector's parts of the panel of texts with gaps: filling, candidates, own text."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    BarsView,
    ElidedLabel,
    named_button,
    put_in_a_column,
    put_in_pairs,
    small_label,
)
from studio.core.text.token import Candidate, percent
from studio.core.translation import N_, _, plural, translate

from ..state import GapWords

CHOOSING: Final = ("order", "at_once", "temperature", "seed")
N_ROWS: Final = 8


class FillInSection(QWidget):
    """Buttons to fill gaps, to make many of them, and for other texts."""

    def __init__(self) -> None:
        super().__init__()
        self.fill = named_button(
            "fill_gaps", N_("Fill"), N_("Fill in the gaps step by step (Ctrl Enter)"), kind="primary"
        )
        self.again = named_button("fill_again", N_("Again"), N_("Fill them in again with a new random seed (R)"))
        self.empty = named_button(
            "fill_empty", N_("Empty all"), N_("Make gaps of all words, so that a whole new text appears (M)")
        )
        self.restore = named_button("fill_restore", N_("Original"), N_("Put all words back"))
        self.example = named_button("fill_example", N_("Example"), N_("Another example (E)"))
        self.passage = named_button(
            "fill_passage", N_("A passage"), N_("Lines from plays that the model was not trained on (P)")
        )
        put_in_pairs(self, (self.fill, self.again, self.empty, self.restore, self.example, self.passage))

    def show_state(self, is_open: bool, n_gaps: int, n_tokens: int) -> None:
        """Offer what can be done. Emits nothing."""
        for button in (self.example, self.passage):
            button.setEnabled(is_open)
        for button in (self.fill, self.again, self.restore):
            button.setEnabled(is_open and n_gaps > 0)
        self.empty.setEnabled(is_open and 0 < n_tokens != n_gaps)


class GapSection(QWidget):
    """What could stand in the marked gap. Signals: put(number): the person wants this candidate."""

    put = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.title, self.bars, self.words = ElidedLabel(), BarsView(), small_label()
        self.bars.setObjectName("fill_bars")
        self.bars.forced.connect(self.put)
        put_in_a_column(self, (self.title, self.bars, self.words))
        self.show_words(None, "")

    def show_words(self, found: GapWords | None, now: str) -> None:
        """Show the candidates of a gap that reads `now`, "" for an open one; none for None. Emits nothing."""
        self.words.setVisible(found is not None)
        if found is None:
            self.title.setText(_("Click a gap to see what could go there."))
            self.bars.show_rows(())
            return
        rows = list(zip(found.words, found.shares, strict=True))[:N_ROWS]
        self.title.setText(_("Instead of “{word}”").format(word=now.strip()) if now.strip() else _("Likeliest first"))
        self.bars.show_rows([Candidate(at, word, share, share, word == now) for at, (word, share) in enumerate(rows)])
        others = max(0.0, 1 - sum(share for _word, share in rows))
        text = _("All others together have {share}.").format(share=percent(others))
        n_parts = len(found.places)
        if n_parts > 1:
            more = _("The gap is {n} tokens long, and so are all candidates.").format(n=n_parts)
            text = f"{text} {more}"
        self.words.setText(text)


def read_words(n_tokens: int, n_read: int) -> str:
    """How much of a text of so many tokens is read."""
    if n_tokens <= n_read:
        return plural(N_("{n} token."), N_("{n} tokens."), n_read)
    cut = N_("The model can read {n} tokens at once: of these {n_all}, it uses the first ones and leaves out the rest.")
    return translate(cut).format(n=n_read, n_all=n_tokens)
