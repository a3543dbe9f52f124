"""Runs of a text on the timeline: made anew as the scene changes, written on, and branched at any token."""

from dataclasses import replace

from PySide6.QtCore import QObject

from studio.api.panel import Track
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.recording.recording import Branch
from studio.core.view import State

from ..params import TextParams
from ..scene import XLTextScene
from ..state import with_token


class XLTextRuns(PanelRuns):
    """Signals: see PanelRuns; growing is a change."""

    branches = False  # another beginning cannot hold from its midst on

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._followed = ""  # the one whose head the playhead stays at while it grows

    def has_memory_of(self, params: TextParams) -> bool:
        """Whether the text on the timeline was read with this memory."""
        source = self.source
        return source is not None and bool((source.params.memory, source.params.cut) == (params.memory, params.cut))

    def renew(self, scene: XLTextScene, is_instant: bool, start: State | None = None) -> None:
        """Begin another text, in place of the newest one where nothing hangs on that; it is always followed."""
        self._begin(scene.written, start)

    def _begin(self, params: TextParams, start: State | None = None) -> None:
        track = self._put(GeneratedSource(params, start))
        if not self.has_stayed:
            self._follow(track)

    def write_on(self, params: TextParams) -> None:
        """Write the text on the timeline again with these settings, which ask for more of it: its dice are the same.

        One that began with another text, such as a branch, keeps its settings but for the length.
        """
        track, source = self._timeline.track, self.source
        if track is None or not isinstance(source, GeneratedSource):
            self._begin(params)
            return
        own = params if source.start is None else replace(source.params, length=params.length)
        info = replace(
            self._timeline.info("run", own),
            id=track.id,
            branch=track.recording.info.branch,
            title=track.recording.info.title,
        )
        self._timeline.recorder.restart(track, replace(source, params=own), info)
        self._follow(track)

    def force(self, params: TextParams, place: int, token: int, title: str) -> None:
        """Let the text go on with another token at a place; what was there stays beside it."""
        track = self._timeline.track
        state = None if track is None or not len(track.recording) else track.recording[-1].state
        if track is None or state is None or (place < len(state["ids"]) and int(state["ids"][place]) == token):
            return
        first = len(state["ids"]) - len(track.recording)
        index = min(max(place - first, 0), len(track.recording) - 1)
        info = replace(self._timeline.info("run", params), branch=Branch(track.id, index), title=title)
        source = GeneratedSource(params, with_token(state, place, token))
        self._follow(self._timeline.recorder.start(source, info, is_step=True))

    def stop(self) -> None:
        """Write no more; what is written stays."""
        if self.is_growing:
            self._timeline.stop_current()

    def go_to(self, token: int) -> None:
        """Put the playhead on a token: where the run does not have it, in the one that it left."""
        self._followed = ""
        track = self._timeline.track
        while track is not None and len(track.recording):
            state, branch = track.recording[-1].state, track.recording.info.branch
            first = len((state or {}).get("ids", ())) - len(track.recording)
            if token >= first or branch is None:
                self._timeline.show_track(track)
                self._timeline.playback.seek(max(token - first, 0))
                self._timeline.show_present()
                return
            track = self._timeline.tracks.find(branch.parent_id)

    def _follow(self, track: Track) -> None:
        self._followed = track.id
        self._timeline.show_track(track)
        self._timeline.playback.to_end()
        self.changed.emit()

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._followed and self._timeline.track is not None and self._timeline.track.id == track_id:
            self._timeline.playback.to_end()
        self.changed.emit()

    def _on_ended(self, track_id: str) -> None:
        self._on_grown(track_id)
