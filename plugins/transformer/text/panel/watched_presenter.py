"""What the presenters of looks into the network have alike: they work only while somebody looks at their part."""

from typing import Any

from PySide6.QtCore import QObject

from studio.api.panel import EngineTasks
from studio.core.text.vocabulary import TextVocabulary


class WatchedPresenter(QObject):
    """Begins with nobody looking and no model open; `follow` is called when that changes."""

    def __init__(self, section: Any, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._tasks = section, tasks
        self._is_watched = False
        self._vocabulary: TextVocabulary | None = None
        self._asked: Any = None  # so that nothing is asked for twice

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary
        self.follow()

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at the part, or no longer."""
        self._is_watched = is_watched
        self.follow()

    def follow(self) -> None:
        """Ask for what is now wanted, and show it."""
        raise NotImplementedError
