"""Runs of a search on the timeline: made anew as the scene changes, and branched at any word."""

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from studio.api.panel import Track
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.recording.recording import Branch
from studio.core.view import State


class FollowedRuns(PanelRuns):
    """Runs that the playhead follows while they grow. Signals: see PanelRuns; growing is a change."""

    branches = False  # another run cannot hold from its midst on

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._followed = ""  # the one whose head the playhead stays at while it grows

    def renew(self, scene: Any, is_instant: bool, start: State | None = None) -> None:
        """Begin what a scene asks for, in place of the newest run where nothing hangs on that; it is followed."""
        track = self._put(GeneratedSource(scene.params, scene.start() if start is None else start))
        if not self.has_stayed:
            self._follow(track)

    def branch(self, params: Any, start: State, step: int, title: str) -> None:
        """Begin a branch of the run on the timeline from its frame of a step; one like it is shown again."""
        track = self._timeline.track
        for other in self._timeline.tracks:
            state = other.recording[-1].state if len(other.recording) else None
            if state is not None and start.keys() <= state.keys() and self.begins_with(state, start):
                self._follow(other)
                return
        if track is None or not len(track.recording):
            return
        index = min(max(step - track.recording.stored(0).step, 0), len(track.recording) - 1)
        info = replace(self._timeline.info("run", params), branch=Branch(track.id, index), title=title)
        self._follow(self._timeline.recorder.start(GeneratedSource(params, start), info, is_step=True))

    def begins_with(self, state: State, start: State) -> bool:
        """Whether a run with this state began with a start."""
        return all(name == "step" or np.array_equal(state[name], value) for name, value in start.items())

    def replay(self) -> None:
        """Show the run from its first frame on."""
        self._timeline.playback.seek(0)
        self._timeline.playback.play()

    def _follow(self, track: Track) -> None:
        self._followed = track.id
        self._timeline.show_track(track)
        self._timeline.playback.to_end()
        self._timeline.show_present()
        self.changed.emit()

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._followed and self._timeline.track is not None and self._timeline.track.id == track_id:
            self._timeline.playback.to_end()
        self.changed.emit()

    def _on_ended(self, track_id: str) -> None:
        self._on_grown(track_id)
        self._followed = "" if track_id == self._followed else self._followed
