"""Branches: a run goes on from one of its frames as a new track, which follows the controls from there on."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer

from studio.api.timeline.bar import Shown
from studio.api.timeline.driven_panel import DrivenPanel, Place
from studio.api.timeline.path_run import PathRun
from studio.api.timeline.recorder import Recorder
from studio.api.timeline.run_source import PathSource, RunSource
from studio.commands.track import Track, TrackList
from studio.commands.undo import Step, UndoStack
from studio.core.error import UserError
from studio.core.recording.difference import MOVED
from studio.core.recording.recording import Branch, RunInfo
from studio.core.translation import N_

SETTLE_MS = 120


class Branching(QObject):
    """Makes branches of what is on the timeline, and makes the current one anew when the controls change.

    `shown()` is what stands there now; `info(kind, params)` what a run says about itself that starts now.

    Attributes:
        is_left: whether the panel itself begins another branch at what is shown.
    """

    def __init__(
        self,
        panel: DrivenPanel,
        tracks: TrackList,
        recorder: Recorder,
        path_run: PathRun,
        shown: Callable[[], Shown],
        info: Callable[..., RunInfo],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._panel, self._tracks, self._recorder, self._path_run = panel, tracks, recorder, path_run
        self._shown, self._info = shown, info
        self.is_left: Callable[[], bool] = bool
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.remake)

    @property
    def can_branch(self) -> bool:
        """Whether a run can go on from the frame at the playhead."""
        shown, recorder = self._shown(), self._recorder
        recording, track = shown.recording, shown.track
        is_made_here = self._path_run.is_complete if track is None else recorder.source_of(track) is not None
        if recording is None or shown.index >= len(recording) or not is_made_here:
            return False
        return bool(recording.stored(shown.index).layout.state_names)

    def branch(self) -> Track:
        """Let a new track go on from the frame at the playhead, with the settings of its run."""
        index, recorder = self._shown().index, self._recorder
        parent = self._shown().track or self._keep_path()
        source, frame = recorder.source_of(parent), parent.recording[index]
        if source is None or not frame.state:
            raise UserError(N_("Nothing can continue from this frame."), N_("It was recorded without its state."))
        self._panel.set_params(source.params)
        self._panel.show_frame(frame, Place(parent.recording))  # the branch's first frame, as its parent's
        info = replace(self._info(parent.recording.info.kind, source.params), branch=Branch(parent.id, index))
        return recorder.start(source.branched(index, frame), info, is_step=True)

    def branch_with(self, params: Any, undo: UndoStack, show: Callable[[Track, int], None]) -> Track:
        """Let a new track go on from the frame at the playhead with other settings, as a part of the newest step.

        `show(track, index)` puts a run on the timeline.
        """
        index, parent = self._shown().index, self._shown().track
        source = None if parent is None else self._recorder.source_of(parent)
        if parent is None or source is None:
            raise ValueError("there is no run that could be gone on from")
        made = source.branched(index, parent.recording[index]).changed(0, params, self._panel.position)
        info = replace(self._info(parent.recording.info.kind, params), branch=Branch(parent.id, index))
        return self.begin_beside(made, info, undo, show, 0)

    def begin_beside(
        self, source: RunSource, info: RunInfo, undo: UndoStack, show: Callable[[Track, int], None], at: int = -1
    ) -> Track:
        """Begin a run beside the one on the timeline, which stays, as a part of the newest step.

        Where that is made again, the run is shown at its frame `at`, -1 for its last one.
        """
        index, before = self._shown().index, self._shown().track
        if before is None:
            raise ValueError("there is no run beside which another could begin")
        with undo.joining():
            undo.push(Step("", partial(show, before, index), _nothing))
            track = self._recorder.start(source, info, is_step=True)
            undo.push(Step("", _nothing, partial(show, track, at)))
        return track

    def _keep_path(self) -> Track:
        """Keep the drawn path as a track of its own, so that the branch can hang off it."""
        run = self._path_run
        if run.recording is None or run.plan is None or not run.is_complete:
            raise UserError(N_("The path is still being drawn."), N_("Wait a moment, then try again."))
        known = self._tracks.find(run.recording.info.id)
        return known or self._recorder.adopt(run.recording, PathSource(run.plan))

    def follow_panel(self) -> None:
        """The person has changed a control: the current branch is made anew once it rests."""
        track = self._shown().track
        if self.is_left():
            return
        if track is not None and track.recording.info.branch is not None and self._recorder.source_of(track):
            self._settle.start()

    def remake(self) -> None:
        """Make the current branch anew with the present settings."""
        track, panel = self._shown().track, self._panel
        source = None if track is None else self._recorder.source_of(track)
        if track is None or source is None or track.recording.info.branch is None:
            return
        changed = source.changed(panel.at.index, panel.params, panel.position)
        state = {MOVED: round(changed.moved, 3)} if changed.moved else {}
        old = track.recording.info
        info = replace(self._info(old.kind), id=old.id, branch=old.branch, state=state)
        self._recorder.restart(track, changed, info)


def _nothing() -> None:
    """What comes next shows what is there."""
