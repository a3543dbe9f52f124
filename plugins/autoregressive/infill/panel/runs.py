"""Runs that fill a text, on the timeline: made anew as the text or its order changes, and branched at any blank."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject

from studio.api.gapped_text.runs import GapRuns
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import GeneratedSource
from studio.core.recording.recording import Branch

from ..scene import InfillParams
from ..state import with_token

BLANKS_PER_S: Final = 3.0


class InfillRuns(GapRuns):
    """Signals: see GapRuns."""

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent, BLANKS_PER_S, plays_next=True)

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
