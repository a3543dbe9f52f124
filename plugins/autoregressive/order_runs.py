"""Runs that fill a text, on the timeline: made anew as the text or its order changes, and branched at any blank."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from studio.api.deck import Deck
from studio.api.run_source import GeneratedSource
from studio.core.recording import Branch
from studio.core.view import State

from .order_state import with_token
from .params import SampleParams

if TYPE_CHECKING:
    from studio.api.run_source import RunSource

BLANKS_PER_S: Final = 3.0


class OrderRuns(QObject):
    """Signals: changed(): a run has begun, grown or ended."""

    changed = Signal()

    def __init__(self, deck: Deck, parent: QObject) -> None:
        super().__init__(parent)
        self._deck = deck
        self._attempt = ""  # the track that the next filling may take the place of
        self._waits_for_end = False
        deck.playback.set_fps(BLANKS_PER_S)
        deck.recorder.grown.connect(self._on_grown)
        deck.recorder.ended.connect(self._on_grown)

    @property
    def is_running(self) -> bool:
        """Whether the run on the timeline still grows."""
        track = self._deck.track
        return track is not None and self._deck.recorder.is_running(track.id)

    @property
    def source(self) -> "RunSource | None":
        """What the run on the timeline is made from; None where it is none of ours."""
        track = self._deck.track
        return None if track is None else self._deck.recorder.source_of(track)

    def shows(self, params: SampleParams) -> bool:
        """Whether the run on the timeline has these settings."""
        return self.source is not None and bool(self.source.params == params)

    def renew(self, params: SampleParams, start: State | None) -> None:
        """Fill a text, in place of the newest run where nothing hangs on that; the playhead rests at its blanks."""
        deck = self._deck
        self._waits_for_end = False
        track = deck.recorder.renew(self._attempt, GeneratedSource(params, start), deck.info("run", params))
        self._attempt = track.id
        deck.show_track(track)
        deck.playback.seek(0)
        deck.playback.pause()
        deck.show_present()
        self.changed.emit()

    def play(self) -> None:
        """Let the blanks fill one by one, from the first."""
        self._deck.playback.seek(0)
        self._deck.playback.play()

    def to_end(self) -> None:
        """Show the filled text as soon as it is made."""
        self._waits_for_end = self.is_running
        self._deck.playback.to_end()
        self._deck.show_present()

    def keep(self) -> None:
        """The next filling is a run of its own."""
        self._attempt = ""

    def force(self, params: SampleParams, turn: int, token: int, title: str) -> None:
        """Fill a blank with another token at its turn, and what comes after it anew; what was there stays beside it."""
        track = self._deck.track
        state = None if track is None or not len(track.recording) else track.recording[-1].state
        if track is None or state is None or int(state["told"][turn]) == token:
            return
        index = max(turn + 1 - track.recording.stored(0).step, 0)
        branch = Branch(track.id, min(index, len(track.recording) - 1))
        info = replace(self._deck.info("run", params), branch=branch, title=title)
        made = self._deck.recorder.start(GeneratedSource(params, with_token(state, turn, token)), info, is_step=True)
        self._deck.show_track(made)
        self.play()
        self.changed.emit()

    def go_to(self, turn: int) -> None:
        """Put the playhead where a blank is filled: where the run does not have that, in the one that it left."""
        track = self._deck.track
        self._deck.pause()
        while track is not None and len(track.recording):
            first, branch = track.recording.stored(0).step, track.recording.info.branch
            if turn + 1 >= first or branch is None:
                self._deck.show_track(track)
                self._deck.playback.seek(max(turn + 1 - first, 0))
                self._deck.show_present()
                return
            track = self._deck.tracks.find(branch.parent_id)

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._waits_for_end = self.is_running
            self._deck.playback.to_end()
        self.changed.emit()
