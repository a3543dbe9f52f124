"""Keeps the layers' guesses under the bars in step with them, once the text has rested for a moment."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from studio.api.engine import Policy
from studio.core.text_vocabulary import TextVocabulary

from .layers_guess import LayersGuess
from .text_call import path_of

if TYPE_CHECKING:
    from .panel import TransformerPanel

KEY: Final = "layers path"
REST_MS: Final = 200
"""So that a person who goes from word to word waits for none of them."""


class LayersPathDesk(QObject):
    """One panel's lines of guesses on the tab of the next word; a click follows that word through the layers."""

    def __init__(self, panel: "TransformerPanel", parent: QObject) -> None:
        super().__init__(parent)
        self._panel, self._ladder = panel, panel.controls.path
        self._vocabulary: TextVocabulary | None = None
        self._is_watched = False
        self._asked: tuple[tuple[int, ...], str] | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        self._ladder.picked.connect(self._on_picked)
        panel.bars.refreshed.connect(self._on_refreshed)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary
        self._follow()

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at the next word, or no longer."""
        self._is_watched = is_watched
        self._follow()

    def _on_refreshed(self, _: object) -> None:
        self._follow()

    def _follow(self) -> None:
        if self._is_watched and self._vocabulary is not None and self._wanted() != self._asked:
            self._rest.start()

    def _wanted(self) -> tuple[tuple[int, ...], str]:
        trace = self._panel.text.trace
        ids = () if trace is None else tuple(trace.ids[: self._panel.bars.place].tolist())
        return ids, self._panel.params().muted

    def _ask(self) -> None:
        wanted = self._wanted()
        if self._panel.writing.is_writing:
            self._rest.start()
        elif wanted[0] and wanted != self._asked:
            self._asked = wanted
            work = self._panel.handle.work(partial(path_of, ids=wanted[0], muted=wanted[1]))
            self._panel.tasks.run(KEY, work, Policy.RESTART, done=self._on_read)

    def _on_read(self, guess: LayersGuess) -> None:
        if self._vocabulary is not None:
            self._ladder.show_guess(guess, self._vocabulary, 0)

    def _on_picked(self, token: int) -> None:
        self._panel.inside.layers.pin(token)
        self._panel.editor.set_tab("layers")
