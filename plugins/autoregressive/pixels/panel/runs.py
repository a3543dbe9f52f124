"""Runs of the scene on the timeline: the newest is made anew as the scene changes, and plays at a chosen speed."""

import math
from typing import Any, Final

from ...shared.paced_source import PacedSource
from ...shared.panel.runs import NewestRun
from ..scene import INSTANT

FASTEST_FPS: Final = 120.0


class PixelRuns(NewestRun):
    """Signals: see NewestRun."""

    def renew(self, source: PacedSource, speed: int, is_instant: bool = False) -> None:
        """Finish a picture anew, in place of the newest run where nothing hangs on that, and play it."""
        self._put(source)
        self._deck.playback.seek(0)
        self.set_speed(source.params, speed)
        self.play(is_instant or speed >= INSTANT)
        self.changed.emit()

    def play(self, is_instant: bool) -> None:
        """Let the pixels appear, or show the picture as soon as it is made."""
        deck = self._deck
        self._waits_for_end = is_instant and self.is_running
        if is_instant:
            deck.pause()
            deck.playback.to_end()
        else:
            deck.playback.play()

    def set_speed(self, params: Any, speed: int) -> None:
        """Play so many pixels a second from now on."""
        wanted = max(speed / params.stride, 1.0)
        times = math.ceil(wanted / FASTEST_FPS)
        self._deck.playback.set_fps(round(wanted / times))
        self._deck.playback.set_speed(times)
