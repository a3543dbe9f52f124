"""Runs of sounds on the timeline: the newest is made anew as the scene changes, and plays at a chosen speed."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.deck import Deck
from studio.api.panel import Track
from studio.core.frame import Frame

from .paced_source import PacedSource
from .sound_scene import FPS

FASTEST_FPS: Final = 120.0


class SoundRuns(QObject):
    """Signals:
        changed(): a run has begun or ended. grown(): the newest run has more frames.
    """

    changed = Signal()
    grown = Signal()

    def __init__(self, deck: Deck, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._attempt = ""  # the track that the next change may make anew
        self._waits_for_end = False
        deck.recorder.ended.connect(self._on_ended)
        deck.recorder.grown.connect(self._on_grown)

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on."""
        return self._deck.recorder.is_running(self._attempt)

    @property
    def newest(self) -> Frame | None:
        """The last frame that there is of the newest run."""
        track = self._deck.tracks.find(self._attempt)
        return track.recording[-1] if track is not None and len(track.recording) else None

    @property
    def is_shown(self) -> bool:
        """Whether the newest run is the one on the timeline."""
        track = self._deck.track
        return track is not None and track.id == self._attempt

    def renew(self, source: PacedSource, speed: str, is_held: bool) -> None:
        """Make a sound anew, in place of the newest run where nothing hangs on that, and play it.

        At the speed "instant" it is shown as soon as it is whole; where it `is_held` the playhead waits at its start.
        """
        deck, track = self._deck, self._replaceable()
        if track is None:
            track = deck.recorder.start(source, deck.info("run", source.params))
        else:
            deck.recorder.restart(track, source, replace(deck.info("run", source.params), id=track.id))
        deck.show_track(track)
        self._attempt = track.id
        deck.pause()
        deck.playback.seek(0)
        if not is_held:
            self.play(speed)
        self.grown.emit()
        self.changed.emit()

    def keep(self) -> None:
        """The next change begins a run of its own."""
        self._attempt = ""

    def play(self, speed: str) -> None:
        """Let the samples appear, or show the sound as soon as it is made."""
        deck = self._deck
        self._waits_for_end = speed == "instant" and self.is_running
        times = 2 if FPS[speed] > FASTEST_FPS else 1
        deck.playback.set_fps(FPS[speed] / times)
        deck.playback.set_speed(times)
        if speed == "instant":
            deck.playback.to_end()
        else:
            deck.playback.play()

    def _replaceable(self) -> Track | None:
        tracks = self._deck.tracks
        track = tracks.find(self._attempt)
        if track is None or track.is_pinned or track.is_named:
            return None
        parents = {other.recording.info.branch.parent_id for other in tracks if other.recording.info.branch}
        return None if track.id in parents else track

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt:
            if self._waits_for_end:
                self._deck.playback.to_end()
            self.grown.emit()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            if self._waits_for_end:
                self._waits_for_end = False
                self._deck.playback.to_end()
            self.grown.emit()
            self.changed.emit()
