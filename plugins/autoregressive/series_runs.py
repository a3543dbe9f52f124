"""Forecasts on the timeline: the newest is made anew as the scene changes, and grows or is shown whole."""

from typing import Final

from PySide6.QtCore import QObject

from studio.api.deck import Deck

from .newest_run import NewestRun
from .paced_source import PacedSource

FPS: Final = 16.0


class SeriesRuns(NewestRun):
    """Signals: see NewestRun."""

    def __init__(self, deck: Deck, parent: QObject) -> None:
        super().__init__(deck, parent)
        deck.playback.set_fps(FPS)

    @property
    def is_awaited(self) -> bool:
        """Whether the newest run is shown when it is whole, and is not yet."""
        return self._waits_for_end

    def renew(self, source: PacedSource, is_growing: bool) -> None:
        """Forecast anew, in place of the newest run where nothing hangs on that; let it grow or show it whole."""
        deck = self._deck
        self._put(source)
        self._waits_for_end = not is_growing and self.is_running
        if is_growing:
            deck.playback.seek(0)
            deck.playback.play()
        else:
            deck.pause()
            if not self._waits_for_end:
                deck.playback.to_end()
        self.changed.emit()
