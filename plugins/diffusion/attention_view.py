"""Which word mattered: its map over the picture, how much it was looked at, and what changes without it."""

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button, SteadyLabel
from studio.core.text import N_, plural, translate
from studio.core.view import FloatArray

from .heat_overlay import HeatOverlay
from .word_bars import WordBars, WordRow
from .word_chips import WordChips

EXPLANATION = N_("Attention shows where the network looked. Leaving a word out shows what changed.")


class AttentionView(QWidget):
    """Chips of the words, bars for them, and the button for the check; drives the heat map over the canvas.

    Signals:
        leave_out_requested(): make the picture again without each word in turn.
        cancel_requested(): stop that.
        word_chosen(index): the map of this word stays on the picture; -1 for none. So that the panel can ask the
            engine for attention, which costs time, only while it is looked at.
    """

    leave_out_requested = Signal()
    cancel_requested = Signal()
    word_chosen = Signal(int)

    def __init__(self, heat: HeatOverlay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heat = heat
        self._words: tuple[str, ...] = ()
        self._maps: FloatArray | None = None
        self._changed: dict[int, float] = {}
        self._pointed = -1
        self._is_running = False
        self.chips = WordChips()
        self.chips.hovered.connect(self._on_hovered)
        self.chips.chosen.connect(self._on_chosen)
        self.bars = WordBars()
        self.bars.hovered.connect(self._on_bar_hovered)
        self.status = SteadyLabel(role="small")
        self.check = Button(N_("Check by leaving each word out"))
        self.check.setObjectName("leave_out")
        self.check.setToolTip(
            translate(N_("Makes the picture again from the same noise without each word (leave one out)"))
        )
        self.check.clicked.connect(self._on_check_clicked)
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        note = QLabel(translate(EXPLANATION))
        note.setWordWrap(True)
        note.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.chips, self.bars, self.check, self.status, note):
            column.addWidget(part)

    def set_words(self, words: Sequence[str]) -> None:
        """Show the words of a prompt; what was known of others is dropped. Emits nothing."""
        if tuple(words) == self._words:
            return
        self._words, self._maps, self._changed, self._pointed = tuple(words), None, {}, -1
        self.chips.set_words(words)
        self.set_progress(None)

    def set_maps(self, maps: FloatArray | None) -> None:
        """Show the maps (L, h, w) of this step, one for each word; None where it has none. Emits nothing."""
        self._maps = maps if maps is not None and len(maps) == len(self._words) else None
        self._show()

    def set_leave_out(self, changes: Mapping[int, float]) -> None:
        """Show how much of the picture changes without a word, 0..1, by its number, as far as it was tried.

        Emits nothing.
        """
        self._changed = dict(changes)
        self._show()

    def set_map_shown(self, is_shown: bool) -> None:
        """Lay a map over the picture, that of the word looked at most where none is chosen, or none. Emits nothing."""
        if is_shown and self.chips.current() < 0 and self._maps is not None:
            self.chips.set_current(int(self._maps.mean((1, 2)).argmax()))
        elif not is_shown:
            self.chips.set_current(-1)
        self._show()

    def set_progress(self, progress: tuple[int, int] | None) -> None:
        """Say how many of all words have been tried; None while nothing runs. Emits nothing."""
        self._is_running = progress is not None
        self.check.setText(translate(N_("Stop") if self._is_running else N_("Check by leaving each word out")))
        text = ""
        if progress is not None:
            text = plural("{n} word tried", "{n} words tried", progress[0])
            text = translate(N_("{tried}, {n} in all")).format(tried=text, n=progress[1])
        self.status.set_text(text)
        self.status.setVisible(self._is_running)
        self._show()

    @property
    def n_words(self) -> int:
        """How many words there are."""
        return len(self._words)

    def current(self) -> int:
        """The word whose map stays on the picture, -1 for none."""
        return self.chips.current()

    def _show(self) -> None:
        masses = None if self._maps is None else self._maps.mean((1, 2))
        rows = [
            WordRow(word, None if masses is None else float(masses[index]), self._changed.get(index))
            for index, word in self._told()
        ]
        self.bars.set_rows(rows)
        chosen = self.chips.current()
        self.bars.set_marked(next((row for row, (index, _) in enumerate(self._told()) if index == chosen), -1))
        self.check.setEnabled(len(self._words) > 0)
        index = self._pointed if self._pointed >= 0 else self.chips.current()
        if self._maps is not None and index >= 0:
            self._heat.set_map(np.ascontiguousarray(self._maps[index]), self._words[index])
        else:
            self._heat.set_map(None, "")

    def _told(self) -> list[tuple[int, str]]:
        """The words that have a bar, with their numbers: commas and hyphens have none."""
        return [(index, word) for index, word in enumerate(self._words) if any(map(str.isalnum, word))]

    def _on_bar_hovered(self, row: int) -> None:
        self._on_hovered(self._told()[row][0] if row >= 0 else -1)

    def _on_hovered(self, index: int) -> None:
        self._pointed = index
        self._show()

    def _on_chosen(self, index: int) -> None:
        self._show()
        self.word_chosen.emit(index)

    def _on_check_clicked(self) -> None:
        if self._is_running:
            self.cancel_requested.emit()
        else:
            self.leave_out_requested.emit()
