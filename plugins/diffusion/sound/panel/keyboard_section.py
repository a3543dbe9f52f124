"""The inspector's part for notes: which instrument, which key, how hard; together they are the prompt."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import ChipFlow, Choice, KeyboardView, set_tip
from studio.core.error import UserError
from studio.core.translation import N_, _

from ..prompt import DYNAMICS, MEDIUM, NotePrompt, read_prompt

LOUDNESS: Final = {"soft": N_("Soft"), "medium": N_("Medium"), "loud": N_("Loud")}
"""What the words of prompts are called."""
PITCHES: Final = range(48, 73)


class KeyboardSection(QWidget):
    """Chooses a note of an instrument.

    Signals:
        note_chosen(prompt): what the person chose, as words ("soft piano C4"); also when the same key is struck again.
    """

    note_chosen = Signal(str)

    def __init__(self, instruments: Sequence[str], pitches: range = PITCHES, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._instruments = tuple(instruments)
        self._pitches = pitches
        self._note = NotePrompt(self._instruments[0], min(max(60, pitches[0]), pitches[-1]))
        self.chips = ChipFlow("instruments", self._instruments, _("Instrument"))
        self.keys = KeyboardView(pitches)
        self.loudness = Choice("loudness", LOUDNESS, _("How hard the key is struck"))
        set_tip(self.loudness, _("How hard the key is struck (velocity)"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.chips, self.keys, self.loudness):
            column.addWidget(part)
        column.addStretch(1)
        self.chips.chosen.connect(lambda name: self._choose(NotePrompt(name, self._note.pitch, self._note.velocity)))
        self.keys.note_chosen.connect(self._on_key)
        self.loudness.value_chosen.connect(self._on_loudness)
        self._show()

    def set_prompt(self, prompt: str) -> None:
        """Show a prompt; one that asks for no note of these instruments marks nothing. Emits nothing."""
        try:
            self._note = read_prompt(prompt, self._instruments, self._pitches)
        except UserError:
            self.chips.set_current("")
            self.keys.set_current(None)
            return
        self._show()

    def _on_key(self, number: int) -> None:
        self._choose(NotePrompt(self._note.instrument, number, self._note.velocity))

    def _on_loudness(self, word: str) -> None:
        self._choose(NotePrompt(self._note.instrument, self._note.pitch, DYNAMICS[word]))

    def _choose(self, note: NotePrompt) -> None:
        self._note = note
        self._show()
        self.note_chosen.emit(note.text)

    def _show(self) -> None:
        self.chips.set_current(self._note.instrument)
        self.keys.set_current(self._note.pitch)
        word = next((word for word, velocity in DYNAMICS.items() if velocity == self._note.velocity), None)
        self.loudness.set_value(word or next(w for w, velocity in DYNAMICS.items() if velocity == MEDIUM))
