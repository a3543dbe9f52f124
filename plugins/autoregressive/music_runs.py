"""Runs of a piece on the timeline: the newest is made anew as the scene changes, and grows at a chosen speed."""

from .music_params import MusicParams
from .pixel_runs import FASTEST_FPS, PixelRuns


class MusicRuns(PixelRuns):
    """The same as runs of pictures, but for what is counted: sixteenths a second."""

    def set_speed(self, params: MusicParams, speed: int) -> None:
        """Let so many sixteenths a second appear from now on."""
        fps = min(max(float(speed), 1.0), FASTEST_FPS)
        self._deck.playback.set_fps(fps)
        self._deck.playback.set_speed(speed / fps)
