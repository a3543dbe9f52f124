"""Asks for the guesses of the layers while somebody looks at them."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle
from studio.api.panel import TaskScope
from studio.core.text_vocabulary import TextVocabulary

from .layers_grid import LayersGrid
from .layers_guess import LayersGuess
from .layers_section import LayersSection
from .text_call import layers_of

KEY: Final = "layers"


class LayersDesk(QObject):
    """Signals: place_chosen(place): look at what stands there."""

    place_chosen = Signal(int)

    def __init__(
        self, section: LayersSection, grid: LayersGrid, tasks: TaskScope, handle: EngineHandle, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._section, self._grid, self._tasks, self._handle = section, grid, tasks, handle
        self._is_watched = False
        self._vocabulary: TextVocabulary | None = None
        self._asked: tuple[tuple[int, ...], str, int | None] | None = None
        self._ids: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._place = 0
        self._muted = ""
        self._pinned: int | None = None
        self._guess: LayersGuess | None = None
        section.picked.connect(self.pin)
        section.unpinned.connect(partial(self.pin, None))
        grid.picked.connect(self._on_picked)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at the layers, or no longer."""
        self._is_watched = is_watched
        if is_watched:
            self._ask()

    def show(self, ids: Sequence[int], words: Sequence[str], place: int, muted: str) -> None:
        """The text on screen; the guesses shown are those for the token at `place`."""
        self._ids, self._words, self._place, self._muted = tuple(ids), tuple(words), place, muted
        if self._is_watched:
            self._ask()
            self._draw()

    def pin(self, token: int | None) -> None:
        """Follow a word through the layers, or none."""
        self._pinned = token
        self._ask()

    def _ask(self) -> None:
        wanted = self._ids, self._muted, self._pinned
        if self._ids and wanted != self._asked:
            self._asked = wanted
            work = partial(layers_of, ids=self._ids, muted=self._muted, pinned=self._pinned)
            self._tasks.run(KEY, self._handle.work(work), done=self._on_read)

    def _on_read(self, guess: LayersGuess) -> None:
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
