"""What a hand does to a text with gaps in every kind of them: other dice, other texts; and the field of one's own."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.gapped_text.queries import GapQueries
from studio.api.gapped_text.runs import GapRuns
from studio.api.panel import OwnTextField, put_in_a_column, small_label
from studio.core.text.gaps import MAX_CHARS, CutText


class GapGestures(QObject):
    """Signals: taken(): another text is there."""

    taken = Signal()

    def __init__(
        self, editor: Any, runs: GapRuns, queries: GapQueries, examples: Sequence[str], parent: QObject
    ) -> None:
        """`editor` holds a scene whose params have a prompt, and can `surprise`."""
        super().__init__(parent)
        self._editor, self._runs, self._queries = editor, runs, queries
        self._examples = tuple(examples)
        self._n_asked = 0
        queries.text_cut.connect(self._on_text_cut)

    def again(self) -> None:
        """Fill them with other dice, and keep what is there."""
        self._runs.keep()
        self._runs.plays_next = True
        self._editor.surprise()

    def take_example(self) -> None:
        """Another of the model's examples."""
        if self._examples:
            present = self._editor.scene.params.prompt
            at = self._examples.index(present) + 1 if present in self._examples else 0
            self._queries.example(self._examples[at % len(self._examples)])

    def take_passage(self) -> None:
        """Lines that no model of ours ever saw."""
        self._n_asked += 1
        self._queries.unseen(self._n_asked)

    def type(self, text: str) -> None:
        """The person wrote in the text; nothing happens before there is a word."""
        if text.strip():
            self._queries.type(text)

    def _on_text_cut(self, title: str, news: CutText[Any], is_new: bool) -> None:
        """A text is there."""
        raise NotImplementedError


class OwnGapsSection(QWidget):
    """A text of one's own. Signals: edited(text)."""

    edited = Signal(str)

    def __init__(self, name: str, invitation: str, n_lines: int) -> None:
        super().__init__()
        self.field = OwnTextField(name, invitation, n_lines, MAX_CHARS)
        self.field.edited.connect(self.edited)
        self.words = small_label()
        put_in_a_column(self, (self.field, self.words))

    def show_text(self, text: str, words: str) -> None:
        """Show a text, and how much of it is read. Emits nothing."""
        self.field.set_text(text)
        self.words.setText(words)

    def is_ahead(self, queries: GapQueries) -> bool:
        """Whether what was typed is still being cut, or is no text yet."""
        return queries.is_cutting or (self.field.hasFocus() and not self.field.text().strip())
