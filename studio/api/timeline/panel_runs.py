"""Runs on the timeline that a panel begins: the newest gives way to the next one where nothing hangs on it."""

from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle
from studio.api.engine_tasks import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import GeneratedSource, RunSource
from studio.commands.track import Track
from studio.commands.undo import Step

WatchedT = TypeVar("WatchedT")


class PanelRuns(QObject):
    """Signals:
    changed(): a run has begun or ended, where it is said also grown.
    other_shown(source): a run that is not the newest is on the timeline, for those who `watch_others`.

    Attributes:
        branches: whether other settings can hold from a step in the midst of a run on.
        branches_at_first: whether they can from its first step on; a branch of that would only repeat itself.
        has_stayed: whether what was on the timeline last time was what a run was asked for.
    """

    changed = Signal()
    other_shown = Signal(object)
    branches: ClassVar[bool] = True
    branches_at_first: ClassVar[bool] = False

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._attempt = ""  # the track that the next run may take the place of
        self._shown_id = ""
        self._beside = ""  # the one that the newest step has begun beside another
        self.has_stayed = False
        if self.branches:
            timeline.branching.is_left = lambda: self.is_earlier_shown
        self._full_sources: dict[str, RunSource] = {}  # by track: what its run was asked for, of branches the whole run
        timeline.recorder.grown.connect(self._on_grown)
        timeline.recorder.ended.connect(self._on_ended)

    @property
    def is_growing(self) -> bool:
        """Whether the run on the timeline still grows."""
        track = self._timeline.track
        return track is not None and self._timeline.recorder.is_running(track.id)

    @property
    def is_busy(self) -> bool:
        """Whether what is on the timeline is not all there yet."""
        return self.is_growing

    @property
    def source(self) -> RunSource | None:
        """What the run on the timeline is made from; None where it is none of ours."""
        track = self._timeline.track
        return None if track is None else self._timeline.recorder.source_of(track)

    def shows(self, params: Any) -> bool:
        """Whether the run on the timeline has these settings."""
        source = self.source
        return source is not None and bool(source.params == params)

    @property
    def is_own_shown(self) -> bool:
        """Whether the newest run is on the timeline."""
        track = self._timeline.track
        return track is not None and track.id == self._attempt

    def watch_others(self) -> None:
        """Say from now on when another run than the newest is on the timeline."""
        self._timeline.source_changed.connect(self._on_source_changed)

    def _on_source_changed(self) -> None:
        track = self._timeline.track
        if track is None or track.id == self._shown_id:
            return
        self._shown_id = track.id
        source = self._timeline.recorder.source_of(track)
        if not self.is_own_shown and isinstance(source, GeneratedSource):
            self.other_shown.emit(source)

    def keep(self) -> None:
        """The next change begins a run of its own."""
        self._attempt = ""

    @property
    def is_earlier_shown(self) -> bool:
        """Whether a person looks at a step of a run from which on other settings could hold."""
        is_first_enough = self.branches_at_first and not self.is_branch_shown
        return self.is_before_end and (is_first_enough or self._timeline.playback.index > 0)

    @property
    def is_branch_shown(self) -> bool:
        """Whether the run on the timeline is a branch."""
        track = self._timeline.track
        return track is not None and track.recording.info.branch is not None

    @property
    def is_followed(self) -> bool:
        """Whether a branch is shown that follows the controls by itself, as it does but at the steps in its midst."""
        return self.is_branch_shown and self.source is not None and not self.is_earlier_shown

    @property
    def is_before_end(self) -> bool:
        """Whether a run rests at a step behind which there are more."""
        timeline, recording = self._timeline, self._timeline.recording
        is_run = timeline.track is not None and not timeline.shown.pair and not timeline.playback.is_playing
        return is_run and recording is not None and timeline.shown.index < len(recording) - 1

    def _put(self, source: RunSource) -> Track:
        """Begin a run in place of the newest one where nothing hangs on that, and put it on the timeline.

        Where a step in its midst is shown the run stays: other settings make a branch from there.
        """
        timeline, track = self._timeline, self._timeline.track
        asked = None if track is None or not self._attempt else self._asked_of(track)
        self.has_stayed = False
        if track is None or asked is None or not (self.is_earlier_shown or track.recording.info.branch):
            return self._start(source, self._attempt)
        is_alike = _is_alike(asked, source)
        if timeline.undo.brings_more or (is_alike and self.shows(source.params)):
            self.has_stayed = True
            timeline.show_present()
            return track
        if not (is_alike and self.branches and isinstance(source, GeneratedSource)):
            return self._begin_beside(track, source)
        if not self.is_earlier_shown:
            timeline.branching.remake()
            return self._note(track, source)
        if timeline.branching.can_branch and timeline.undo.can_join:
            track = timeline.branching.branch_with(source.params, timeline.undo, self._show_step)
            self._show_step(self._note_part(track, source), 0)
            return track
        return self._begin_beside(track, source)

    def _asked_of(self, track: Track) -> RunSource | None:
        """What a run was asked for; at an earlier step of a branch that a person has made, what its parents were."""
        known, branch = self._full_sources.get(track.id), track.recording.info.branch
        if known is not None or branch is None or not self.is_earlier_shown:
            return known
        parent = self._timeline.tracks.find(branch.parent_id)
        return None if parent is None else self._asked_of(parent)

    def _begin_beside(self, shown: Track, source: RunSource) -> Track:
        """Begin a run beside the one that is shown, as a part of the step that asked for it."""
        timeline, undo = self._timeline, self._timeline.undo
        if not undo.can_join:
            return self._start(source, "")
        if undo.has_brought and shown.id == self._beside:  # a hand still drags
            return self._start(source, shown.id)
        info = timeline.info("run", source.params)
        track = timeline.branching.begin_beside(source, info, undo, self._show_step)
        self._beside = track.id
        timeline.show_track(self._note_part(track, source))
        return track

    def _show_step(self, track: Track, index: int) -> None:
        if self._timeline.tracks.find(track.id) is not None:
            self._timeline.show_track(track)
            self._timeline.playback.seek(index if index >= 0 else self._timeline.n_frames + index)
            self._timeline.show_present()

    def _start(self, source: RunSource, place: str) -> Track:
        """Begin a run in the place of another one, or in its own."""
        track = self._timeline.recorder.renew(place, source, self._timeline.info("run", source.params))
        self._timeline.show_track(self._note(track, source))
        return track

    def _note(self, track: Track, source: RunSource) -> Track:
        self._attempt = track.id
        self._full_sources[track.id] = source
        return track

    def _note_part(self, track: Track, source: RunSource) -> Track:
        """The same; the run before is the newest again once the newest step is taken back."""
        undo = self._timeline.undo
        with undo.joining():
            undo.push(Step("", partial(self._take_newest, self._attempt), partial(self._take_newest, track.id)))
        return self._note(track, source)

    def _take_newest(self, track_id: str) -> None:
        self._attempt = track_id

    def _on_grown(self, track_id: str) -> None:
        """A run has more frames."""

    def _on_ended(self, track_id: str) -> None:
        """A run has all frames that it will have."""


def _is_alike(one: RunSource, other: RunSource) -> bool:
    """Whether two runs begin alike, so that they differ by their settings alone."""
    if type(one) is not type(other):
        return False
    first, second = getattr(one, "start", None) or {}, getattr(other, "start", None) or {}
    is_same_start = first.keys() == second.keys() and all(np.array_equal(first[name], second[name]) for name in first)
    return is_same_start and one.params.seed == other.params.seed


class SteeredRuns(PanelRuns, Generic[WatchedT]):
    """Runs whose frames are asked for one by one (`SteeredSource`); what is known of each is kept while it can grow.

    Signals, beside changed():
    timed(ms): how long a step took.
    failed(error): a frame could not be made.
    """

    timed = Signal(float)
    failed = Signal(object)

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._tasks = tasks
        self._watched: dict[str, WatchedT] = {}
        tasks.timed.connect(self._on_work_timed)

    @property
    def current(self) -> WatchedT | None:
        """The run on the timeline where it can grow."""
        track = self._timeline.track
        return None if track is None else self._watched.get(track.id)

    @property
    def is_busy(self) -> bool:
        """Whether a frame is under way: such a run can always grow, and is not busy for that."""
        raise NotImplementedError

    def _on_work_timed(self, key: str, ms: float) -> None:
        """Work with a key took so long."""
        raise NotImplementedError
