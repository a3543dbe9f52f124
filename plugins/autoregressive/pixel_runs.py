"""Runs of the scene on the timeline: the newest is made anew as the scene changes, and plays at a chosen speed."""

import math
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.deck import Deck
from studio.api.panel import Track

from .paced_source import PacedSource
from .params import SampleParams
from .pixel_scene import INSTANT

FASTEST_FPS: Final = 120.0


class PixelRuns(QObject):
    """Signals:
        changed(): a run has begun or ended.
    """

    changed = Signal()

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

    def shows(self, params: SampleParams) -> bool:
        """Whether the run on the timeline has these settings."""
        track = self._deck.track
        source = None if track is None else self._deck.recorder.source_of(track)
        return source is not None and bool(source.params == params)

    def renew(self, source: PacedSource, speed: int, is_instant: bool = False) -> None:
        """Finish a picture anew, in place of the newest run where nothing hangs on that, and play it."""
        deck, track, params = self._deck, self._replaceable(), source.params
        if track is None:
            track = deck.recorder.start(source, deck.info("run", params))
            deck.show_track(track)
        else:
            deck.recorder.restart(track, source, replace(deck.info("run", params), id=track.id))
            deck.show_track(track)
        self._attempt = track.id
        deck.playback.seek(0)
        self.set_speed(params, speed)
        self.play(is_instant or speed >= INSTANT)
        self.changed.emit()

    def keep(self) -> None:
        """The next change begins a run of its own."""
        self._attempt = ""

    def play(self, is_instant: bool) -> None:
        """Let the pixels appear, or show the picture as soon as it is made."""
        deck = self._deck
        self._waits_for_end = is_instant and self.is_running
        if is_instant:
            deck.pause()
            deck.playback.to_end()
        else:
            deck.playback.play()

    def set_speed(self, params: SampleParams, speed: int) -> None:
        """Play so many pixels a second from now on."""
        wanted = max(speed / params.stride, 1.0)
        times = math.ceil(wanted / FASTEST_FPS)
        self._deck.playback.set_fps(round(wanted / times))
        self._deck.playback.set_speed(times)

    def _replaceable(self) -> Track | None:
        tracks = self._deck.tracks
        track = tracks.find(self._attempt)
        if track is None or track.is_pinned or track.is_named:
            return None
        parents = {other.recording.info.branch.parent_id for other in tracks if other.recording.info.branch}
        return None if track.id in parents else track

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._deck.playback.to_end()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            if self._waits_for_end:
                self._waits_for_end = False
                self._deck.playback.to_end()
            self.changed.emit()
