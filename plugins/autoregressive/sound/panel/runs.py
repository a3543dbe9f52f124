"""Runs of sounds on the timeline: the newest is made anew as the scene changes, and plays at a chosen speed."""

from PySide6.QtCore import Signal

from studio.core.frame import Frame

from ...shared.panel.runs import FASTEST_FPS, NewestRun
from ..scene import FPS, SoundScene


class SoundRuns(NewestRun):
    """Signals, beside those of NewestRun:
    grown(): the newest run has more frames.
    """

    grown = Signal()

    @property
    def newest(self) -> Frame | None:
        """The last frame that there is of the newest run."""
        track = self._timeline.tracks.find(self._attempt)
        return track.recording[-1] if track is not None and len(track.recording) else None

    def renew(self, scene: SoundScene, is_instant: bool, is_held: bool = False) -> None:
        """Make a sound anew, in place of the newest run where nothing hangs on that, and play it.

        Where it `is_instant` it is shown as soon as it is whole; where it `is_held` the playhead waits at its start.
        """
        timeline = self._timeline
        self._put(scene.source())
        if self.has_stayed:
            return
        timeline.pause()
        timeline.playback.seek(0)
        if not is_held:
            self.play("instant" if is_instant else scene.speed)
        self.grown.emit()
        self.changed.emit()

    def play(self, speed: str) -> None:
        """Let the samples appear, or show the sound as soon as it is made."""
        timeline = self._timeline
        self._waits_for_end = speed == "instant" and self.is_running
        times = 2 if FPS[speed] > FASTEST_FPS else 1
        timeline.playback.set_fps(FPS[speed] / times)
        timeline.playback.set_speed(times)
        if speed == "instant":
            timeline.playback.to_end()
        else:
            timeline.playback.play()

    def _on_grown(self, track_id: str) -> None:
        super()._on_grown(track_id)
        if track_id == self._attempt:
            self.grown.emit()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            self.grown.emit()
        super()._on_ended(track_id)
