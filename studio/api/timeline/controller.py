"""One timeline for all that a panel can play: the path through its keyframes, and every run that was recorded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle
from studio.api.timeline.bar import PATH_ID, Shown, render, what_is_shown
from studio.api.timeline.branching import Branching
from studio.api.timeline.comparison import Comparison
from studio.api.timeline.driven_panel import DrivenPanel, Place, TimelinePanel
from studio.api.timeline.path_editor import PathEditor
from studio.api.timeline.path_run import PathRun
from studio.api.timeline.recorder import Recorder
from studio.api.timeline.run_source import GeneratedSource, PathPlan
from studio.commands.track import Track, TrackList
from studio.commands.undo import UndoStack
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.path.position import Position, Rule
from studio.core.recording.recording import Recording, RunInfo, RunKind
from studio.core.view import State
from studio.widgets.task_scope import TaskScope
from studio.widgets.throttle import OncePerTurn
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.timeline import Timeline

FPS: Final = 30.0


class TimelineController(QObject):
    """What the timeline of a panel shows is its path, or the current one of its tracks.

    Signals: source_changed() when something else is on the timeline, or it has grown.

    Attributes:
        shown: what is there now. tracks: the recorded runs. paths: the keyframes, with undo.
        playback: where the playhead is. bar: the bar under the panel.
    """

    source_changed = Signal()

    def __init__(
        self,
        panel: TimelinePanel,
        widget: QWidget,
        handle: EngineHandle,
        undo: UndoStack,
        tasks: TaskScope,
        rules: Mapping[str, Rule],
        first_number: int = 1,
    ) -> None:
        """`widget` is the panel's, to which everything belongs; `first_number` what a run's first frame is called."""
        super().__init__(widget)
        self._model_id, self._is_path_chosen, self._is_resting = handle.source.id, True, False
        self._panel = DrivenPanel(panel, self._model_id)
        self.shown = self._rendered = Shown()
        self.undo, self.tracks = undo, TrackList(undo, first_number=first_number)
        self.paths = PathEditor(rules, undo, self)
        self.playback = Playback(self)
        self.playback.set_fps(FPS)
        self.path_run = PathRun(tasks, handle, self)
        self.recorder = Recorder(tasks, handle, self.tracks, self)
        self.comparison = Comparison(self.tracks, self._panel.show_instead, panel.params, panel.messages, self)
        parts = self._panel, self.tracks, self.recorder, self.path_run
        self.branching = Branching(*parts, lambda: self.shown, self.info, self)
        self.bar = Timeline(self.playback, widget, first_number)
        self._rendering, self._branchable = OncePerTurn(self._render, self), OncePerTurn(self._show_branchable, self)
        self._connect_parts()
        _connect(self.bar, self)

    def _connect_parts(self) -> None:
        self.playback.moved.connect(self._on_moved)
        self.playback.changed.connect(self._follow_path)
        self.paths.changed.connect(self._on_path_changed)
        self.path_run.changed.connect(self._on_path_drawn)
        self.path_run.measured.connect(self._on_measured)
        self.recorder.grown.connect(self._on_track_grown)
        self.recorder.ended.connect(self._on_track_grown)
        self.comparison.length_changed.connect(self._update)
        self.tracks.on_change(self._on_tracks_changed)

    # What is on the timeline

    @property
    def track(self) -> Track | None:
        """The run on the timeline, or None while the path is there."""
        return self.shown.track

    @property
    def recording(self) -> Recording | None:
        """The frames on the timeline, as far as they are there."""
        return self.shown.recording

    @property
    def has_positions(self) -> bool:
        """Whether the family has places, of which keyframes are made."""
        return bool(self.paths.path.rules)

    @property
    def can_keyframe(self) -> bool:
        """Whether the panel has a place now; some have none before their first picture."""
        return self.has_positions and set(self._panel.position) == set(self.paths.path.rules)

    @property
    def n_frames(self) -> int:
        """How many frames the timeline has; of a path, or a branch of one, also those that are not drawn yet."""
        return self.shown.n_frames

    @property
    def is_growing(self) -> bool:
        """Whether the run on the timeline goes on."""
        return self.shown.is_growing

    @property
    def is_playing_path(self) -> bool:
        """Whether the path plays, so that a move of a slider moves the whole path."""
        return self.track is None and self.playback.is_playing

    def frame_at(self, index: int) -> Frame | None:
        """The recorded frame at an index of the timeline, None where it is not drawn yet."""
        recording = self.recording
        return recording[index] if recording is not None and 0 <= index < len(recording) else None

    def show_path(self) -> None:
        """Put the path on the timeline."""
        self._is_path_chosen = True
        self._update()

    def show_track(self, track: Track | str) -> None:
        """Put a run on the timeline, or the one with this id."""
        self._is_path_chosen = False
        self.tracks.select(track)
        self._update()

    def _update(self) -> None:
        """Take over what there is now; runs of known length are waited for where they play, others followed."""
        track = None if self._is_path_chosen else self.tracks.current
        parts = self.tracks, self.paths.path, self.path_run, self.recorder, self.comparison, self.playback
        before, self.shown = self.shown, what_is_shown(track, *parts)
        grows = track is not None and self.shown.is_growing
        is_open_ended = grows and track is not None and not self.recorder.n_expected(track.id)
        n_ready = self.shown.n_recorded[0] if grows and not is_open_ended and not self.shown.pair else None
        self.playback.set_length(self.shown.n_frames, is_open_ended, n_ready)
        if replace(self.shown, index=before.index) != before:
            if self.shown.pair:
                self.comparison.show_index(self.shown.index, self.shown.n_frames)
            self._rendering.request()
            self.source_changed.emit()

    def _render(self) -> None:
        before, self._rendered = self._rendered, self.shown
        render(self.bar, self.shown, before, self.recorder.is_running)
        self.bar.set_running(self.shown.is_growing and not self._is_resting)
        self._show_branchable()

    def set_resting(self, is_resting: bool) -> None:
        """Whether runs that a person steers wait for that person, so that there is nothing to stop."""
        if is_resting != self._is_resting:
            self._is_resting = is_resting
            self._rendering.request()

    def _show_branchable(self) -> None:
        self.bar.set_branchable(self.branching.can_branch)

    # Playing and scrubbing

    def _on_moved(self, index: int) -> None:
        self.shown = replace(self.shown, index=index)
        self.show_present()
        self._branchable.request()

    def show_present(self) -> None:
        """Let the panel show the frame at the playhead again."""
        shown, frame = self.shown, self.frame_at(self.shown.index)
        if shown.pair:
            self._panel.leave_path()
            self.comparison.show_index(shown.index, shown.n_frames)
        elif frame is not None:
            self._panel.show_frame(frame, Place(shown.recording, shown.index, shown.track is None))
        elif shown.track is None and shown.path.keyframes:
            self._panel.go_to(self.paths.position_at(shown.index, self.playback.fps), shown.index)
        else:
            self._panel.leave_path()

    def _show_awaited(self) -> None:
        """Let the panel show the frame at the playhead where it has just been made."""
        shown, at = self.shown, self._panel.at
        is_followed = at.is_on_path or shown.track is not None
        is_shown = (at.recording, at.index) == (shown.recording, shown.index)
        if is_followed and not is_shown and self.frame_at(shown.index) is not None:
            self.show_present()

    def pause(self) -> None:
        """Stop playing; runs go on."""
        if self.playback.is_playing:
            self.playback.pause()

    def pause_run(self) -> None:
        """A hand takes over: a recorded run stops playing, a path rides along."""
        if self.track is not None:
            self.pause()

    def on_panel_changed(self) -> None:
        """Called after every change of the panel: what is drawn with its parameters is drawn anew."""
        self._follow_path()
        if self._panel.is_driven:
            return
        if self._panel.at.is_on_path:
            self._panel.leave_path()
        if self.track is not None:
            self.branching.follow_panel()

    # The path

    def add_keyframe(self) -> None:
        """Make the present place a keyframe: at the playhead, or behind the end of the path."""
        if not self.can_keyframe:
            return
        playhead = self.playback.index if self.track is None else None
        self.go_to_keyframe(self.paths.add(self._panel.position, playhead, self.playback.fps))

    def go_to_keyframe(self, index: int) -> None:
        """Put the playhead on a keyframe."""
        self.show_path()
        self.playback.seek(self.paths.path.frame_of(index, self.playback.fps))

    def place_keyframe_here(self, index: int) -> None:
        """Give a keyframe the present place."""
        if self.can_keyframe:
            self.paths.place(index, self._panel.position)

    def _on_path_changed(self) -> None:
        self._follow_path()
        if self.paths.path.keyframes or self.track is None:
            self.show_path()
        if self._panel.at.is_on_path:  # an undone move of a keyframe is seen at once
            self.show_present()

    def _on_path_drawn(self) -> None:
        if self.track is None:
            self._update()
            self._show_awaited()

    def _on_measured(self, changes: list[float]) -> None:
        self.paths.show(self.paths.path.paced(changes))  # no step of its own: it completes the one that asked for it

    def _follow_path(self) -> None:
        path, plan, fps = self.paths.path, self.path_run.plan, self.playback.fps
        if not path.keyframes:
            if plan is not None:
                self.path_run.follow(None)
            return
        params = self._panel.params
        if plan is None or not plan.is_of(path, params, fps):
            self.path_run.follow(PathPlan(path, params, self.info("path", params)))

    @property
    def position(self) -> Position:
        """The panel's place."""
        return self._panel.position

    # Runs

    def info(self, kind: RunKind = "run", params: Any = None) -> RunInfo:
        """What a run says about itself that starts now, with these parameters or the panel's."""
        values = params_to_json(self._panel.params if params is None else params)
        return RunInfo(self._model_id, values, int(values.get("seed", 0)), kind=kind, fps=self.playback.fps)

    def take(self, recording: Recording) -> None:
        """Put a recording that was read from a file on the timeline, as a step that can be taken back."""
        self.show_track(self.tracks.add(recording, is_step=True))

    def record_run(self, params: Any, start: State | None = None) -> Track:
        """Run the model's own process as a new track, and follow it; `start` is what it starts from."""
        track = self.recorder.start(GeneratedSource(params, start), self.info("run", params))
        self.show_track(track)
        return track

    def branch(self) -> None:
        """Let a new track go on from the frame at the playhead; it follows the controls from there on."""
        self.playback.pause()
        self.show_track(self.branching.branch())
        self.playback.seek(0)

    def stop_current(self) -> None:
        """End the run on the timeline within one frame."""
        if self.track is not None:
            self.recorder.stop(self.track.id)

    def close(self) -> None:
        """Let go of all recordings; the panel goes."""
        self.playback.pause()
        self._rendering.cancel()
        self._branchable.cancel()
        self.tracks.close()

    def _on_track_grown(self, track_id: str) -> None:
        if self.shown.pair:
            self.comparison.follow_run(track_id)
        self._update()
        if self.track is not None and self.track.id == track_id:
            self._show_awaited()
        self._rendering.request()  # a row of the list also where another run is on the timeline

    def _on_tracks_changed(self) -> None:
        before, comparison = self.shown, self.comparison
        if not len(self.tracks) or not self.paths.path.keyframes:
            self._is_path_chosen = not len(self.tracks)
        comparison.follow_tracks()
        self._update()
        if before.pair and not comparison.pair:
            self.show_present()
        elif comparison.pair and not before.pair and self.track is not None:
            self.playback.seek(comparison.place_of(self.track, before.index))
        elif self.undo.is_replaying:
            self._show_awaited()  # the playhead may stand where it stood, but in another run

    def select(self, track_id: str) -> None:
        """Put a row of the list on the timeline, and on the panel."""
        if track_id == PATH_ID:
            self.show_path()
        else:
            self.show_track(track_id)
        self.show_present()

    def delete(self, track_id: str) -> None:
        """End the run of a track and take it out of the list."""
        self.recorder.stop(track_id)
        self.tracks.delete(track_id)


def _connect(bar: Timeline, timeline: TimelineController) -> None:
    """What is asked for on the bar is done."""
    paths, tracks = timeline.paths, timeline.tracks
    bar.keyframe_add_requested.connect(timeline.add_keyframe)
    bar.keyframe_selected.connect(timeline.go_to_keyframe)
    bar.keyframe_moved.connect(paths.retime)
    bar.keyframe_move_finished.connect(paths.end_gesture)
    bar.keyframe_removed.connect(paths.remove)
    bar.keyframe_replaced.connect(timeline.place_keyframe_here)
    bar.keyframe_reordered.connect(paths.reorder)
    bar.keyframe_easing_chosen.connect(paths.ease)
    bar.branch_requested.connect(timeline.branch)
    bar.stop_requested.connect(timeline.stop_current)
    bar.track_selected.connect(timeline.select)
    bar.track_renamed.connect(tracks.rename)
    bar.track_hidden.connect(tracks.hide)
    bar.track_pinned.connect(tracks.pin)
    bar.track_deleted.connect(timeline.delete)
    bar.set_keyframable(timeline.has_positions)
