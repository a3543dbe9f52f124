"""Forecasts on the timeline: the newest is made anew as the scene changes, and grows or is shown whole."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.deck import Deck
from studio.api.panel import Track

from .paced_source import PacedSource

FPS: Final = 16.0


class SeriesRuns(QObject):
    """Signals:
        changed(): a run has begun or ended.
    """

    changed = Signal()

    def __init__(self, deck: Deck, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._attempt = ""  # the track that the next change may make anew
        self._waits_for_end = False
        deck.playback.set_fps(FPS)
        deck.recorder.ended.connect(self._on_ended)
        deck.recorder.grown.connect(self._on_grown)

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on."""
        return self._deck.recorder.is_running(self._attempt)

    @property
    def is_awaited(self) -> bool:
        """Whether the newest run is shown when it is whole, and is not yet."""
        return self._waits_for_end

    def renew(self, source: PacedSource, is_growing: bool) -> None:
        """Forecast anew, in place of the newest run where nothing hangs on that; let it grow or show it whole."""
        deck, track = self._deck, self._replaceable()
        if track is None:
            track = deck.recorder.start(source, deck.info("run", source.params))
        else:
            deck.recorder.restart(track, source, replace(deck.info("run", source.params), id=track.id))
        deck.show_track(track)
        self._attempt = track.id
        self._waits_for_end = not is_growing and self.is_running
        if is_growing:
            deck.playback.seek(0)
            deck.playback.play()
        else:
            deck.pause()
            if not self._waits_for_end:
                deck.playback.to_end()
        self.changed.emit()

    def keep(self) -> None:
        """The next change begins a run of its own."""
        self._attempt = ""

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
