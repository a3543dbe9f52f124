"""The most surprising words of a text, the first one leading: click one to go there."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.text.token import TextToken, joined, named, score_words, word_of
from studio.core.translation import N_, _
from studio.widgets.controls.chip import ChipFlow
from studio.widgets.controls.label import Label

N_WORDS: Final = 8
SURPRISE_TERM: Final = N_(
    "Surprise says how little a word was expected, in bits. One bit more means that it was half as likely."
)


class TextSurprises(QWidget):
    """Signals: chosen(token): go to this token."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.score = Label()
        self.score.setWordWrap(True)
        self.score.setProperty("role", "small")
        self.chips = ChipFlow("surprises", (), _("Most surprising words"))
        self.chips.setProperty("is_content", True)  # its chips are words of the text, which no guide can name
        self.chips.chosen.connect(self._on_chosen)
        self._tokens: dict[str, int] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.chips)
        column.addWidget(self.score)

    def show_tokens(self, tokens: Sequence[TextToken]) -> None:
        """Show the words of this text. Emits nothing."""
        found = most_surprising(tokens)
        self.score.setText(score_words(tokens))
        if found != self._tokens:
            self._tokens = found
            self.chips.set_texts(tuple(found))
        self.chips.set_current("")

    def _on_chosen(self, text: str) -> None:
        self.chosen.emit(self._tokens[text])


def most_surprising(tokens: Sequence[TextToken]) -> dict[str, int]:
    """The words with the most surprise, as "crown · 7.2 bits", and the first token of each; the highest first."""
    words = [(word_of(tokens, group), group[0]) for group in joined(tokens)]
    known = [(word, first) for word, first in words if word.surprise_bits is not None and word.piece.strip()]
    known.sort(key=lambda one: -(one[0].surprise_bits or 0.0))
    text = _("{word} · {n:.1f} bits")
    return {text.format(word=named(word.piece), n=word.surprise_bits): first for word, first in known[:N_WORDS]}
