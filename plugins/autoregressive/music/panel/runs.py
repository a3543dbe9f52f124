"""Runs of music on the timeline: the newest is made anew as the scene changes, and grows at a chosen speed."""

from typing import Any

from ...shared.panel.runs import FASTEST_FPS, PlayedRun
from ..scene import INSTANT, MusicScene


class MusicRuns(PlayedRun):
    """Signals: see NewestRun."""

    def renew(self, scene: MusicScene, is_instant: bool) -> None:
        """Make a piece anew, in place of the newest run where nothing hangs on that, and let it grow."""
        self._begin(scene.source(), scene.speed, is_instant or scene.speed >= INSTANT)

    def set_speed(self, params: Any, speed: int) -> None:
        """Let so many sixteenths a second appear from now on."""
        fps = min(max(float(speed), 1.0), FASTEST_FPS)
        self._timeline.playback.set_fps(fps)
        self._timeline.playback.set_speed(speed / fps)
