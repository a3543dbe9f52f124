"""Runs that fill a text, on the timeline: made anew as the text or its order changes, and branched at any blank."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject

from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.recording.recording import Branch
from studio.core.view import State

from ..scene import InfillParams, InfillScene
from ..state import with_token

BLANKS_PER_S: Final = 3.0


class InfillRuns(PanelRuns):
    """Signals: see PanelRuns; growing is a change.

    Attributes:
        plays_next: whether the blanks fill one by one once the next run is there.
    """

    branches = False  # what is filled already was filled by other settings

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._waits_for_end = False
        self.plays_next = True
        timeline.playback.set_fps(BLANKS_PER_S)

    def renew(self, scene: InfillScene, is_instant: bool, start: State | None = None) -> None:
        """Fill a text, in place of the newest run where nothing hangs on that; the playhead rests at its blanks.

        It shows the filled text where it `is_instant`, and plays where that was asked for.
        """
        timeline, is_played = self._timeline, self.plays_next and not is_instant
        self._waits_for_end = self.plays_next = False
        self._put(GeneratedSource(scene.params, scene.start() if start is None else start))
        if self.has_stayed:
            return
        timeline.playback.seek(0)
        timeline.playback.pause()
        timeline.show_present()
        self.changed.emit()
        if is_instant:
            self.to_end()
        elif is_played:
            self.play()

    def let_go(self) -> None:
        """Nothing is to be played of a scene that goes."""
        self.plays_next = False

    def play(self) -> None:
        """Let the blanks fill one by one, from the first."""
        self._timeline.playback.seek(0)
        self._timeline.playback.play()

    def to_end(self) -> None:
        """Show the filled text as soon as it is made."""
        self._waits_for_end = self.is_growing
        self._timeline.playback.to_end()
        self._timeline.show_present()

    def force(self, params: InfillParams, turn: int, token: int, title: str) -> None:
        """Fill a blank with another token at its turn, and what comes after it anew; what was there stays beside it."""
        track = self._timeline.track
        state = None if track is None or not len(track.recording) else track.recording[-1].state
        if track is None or state is None or int(state["told"][turn]) == token:
            return
        index = max(turn + 1 - track.recording.stored(0).step, 0)
        branch = Branch(track.id, min(index, len(track.recording) - 1))
        info = replace(self._timeline.info("run", params), branch=branch, title=title)
        made = self._timeline.recorder.start(
            GeneratedSource(params, with_token(state, turn, token)), info, is_step=True
        )
        self._timeline.show_track(made)
        self.play()
        self.changed.emit()

    def go_to(self, turn: int) -> None:
        """Put the playhead where a blank is filled: where the run does not have that, in the one that it left."""
        track = self._timeline.track
        self._timeline.pause()
        while track is not None and len(track.recording):
            first, branch = track.recording.stored(0).step, track.recording.info.branch
            if turn + 1 >= first or branch is None:
                self._timeline.show_track(track)
                self._timeline.playback.seek(max(turn + 1 - first, 0))
                self._timeline.show_present()
                return
            track = self._timeline.tracks.find(branch.parent_id)

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._waits_for_end = self.is_growing
            self._timeline.playback.to_end()
        self.changed.emit()

    def _on_ended(self, track_id: str) -> None:
        self._on_grown(track_id)
