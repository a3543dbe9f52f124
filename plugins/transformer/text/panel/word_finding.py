"""Asks the model how the words go on that the bars begin, once a person looks at them and nothing moves."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, WhenSeen

from .bars_section import TokenBarsPresenter, TokenBarsSection, WordsWanted

KEY: Final = "whole words"
REST_MS: Final = 120
"""So that a person who goes from word to word waits for none of them."""


class WholeWordsPresenter(QObject):
    """One panel's whole words."""

    def __init__(
        self, section: TokenBarsSection, bars: TokenBarsPresenter, tasks: EngineTasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bars, self._tasks = bars, tasks
        self._asked: WordsWanted | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(WhenSeen(section, self._ask).request)
        bars.refreshed.connect(lambda _: self._follow())

    def _follow(self) -> None:
        if self._bars.words_wanted not in (None, self._asked):
            self._rest.start()

    def _ask(self) -> None:
        wanted = self._bars.words_wanted
        if wanted is not None and wanted != self._asked:
            self._asked = wanted
            done = partial(self._bars.set_words, wanted)
            self._tasks.ask(KEY, lambda engine: engine.words(*wanted), Policy.RESTART, done=done)
