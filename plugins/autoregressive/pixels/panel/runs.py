"""Runs of pictures on the timeline: the newest is made anew as the scene changes, and plays at a chosen speed."""

import math
from typing import Any

from ...shared.panel.runs import FASTEST_FPS, PlayedRun
from ..scene import INSTANT, PixelScene


class PixelRuns(PlayedRun):
    """Signals: see NewestRun."""

    def renew(self, scene: PixelScene, is_instant: bool) -> None:
        """Finish a picture anew, in place of the newest run where nothing hangs on that, and play it."""
        self._begin(scene.source(), scene.speed, is_instant or scene.speed >= INSTANT)

    def set_speed(self, params: Any, speed: int) -> None:
        """Play so many pixels a second from now on."""
        wanted = max(speed / params.stride, 1.0)
        times = math.ceil(wanted / FASTEST_FPS)
        self._timeline.playback.set_fps(round(wanted / times))
        self._timeline.playback.set_speed(times)
