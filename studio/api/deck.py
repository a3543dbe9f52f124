"""One timeline for all that a panel can play: the path through its keyframes, and every run that was recorded."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.branching import Branching
from studio.api.comparison import Comparison
from studio.api.engine import EngineHandle
from studio.api.path_editor import PathEditor
from studio.api.path_run import PathRun
from studio.api.recorder import Recorder
from studio.api.run_source import GeneratedSource, PathPlan
from studio.api.timeline_link import TimelineLink
from studio.commands.track import Track, TrackList
from studio.commands.undo import UndoStack
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.position import Position, Rule
from studio.core.recording import Recording, RunInfo, RunKind
from studio.core.view import State
from studio.widgets.playback import Playback
from studio.widgets.task_scope import TaskScope
from studio.widgets.timeline.timeline import Timeline

FPS: Final = 30.0


class DeckPanel(Protocol):
    """What a panel does for its deck."""

    def show_frame(self, frame: Frame) -> None:
        """Draw a recorded frame, and let the controls stand where it was made."""

    def position(self) -> Position:
        """The present place, by the names of the family's rules; empty where the family has none."""

    def go_to(self, position: Position) -> None:
        """Move to a place and draw it, without an undo step."""

    def params(self) -> Any:
        """The present parameters."""

    def set_params(self, params: Any) -> None:
        """Show and apply parameters, without an undo step."""


class Deck(QObject):
    """What the timeline of a panel shows is its path, or the current one of its tracks.

    Signals: source_changed() when something else is on the timeline, or it has grown.

    Attributes:
        tracks: the recorded runs.
        paths: the keyframes, with undo.
        playback: where the playhead is.
        timeline: the bar under the panel.
    """

    source_changed = Signal()

    def __init__(
        self,
        panel: DeckPanel,
        widget: QWidget,
        handle: EngineHandle,
        undo: UndoStack,
        tasks: TaskScope,
        rules: Mapping[str, Rule],
    ) -> None:
        """`widget` is the panel's, to which everything belongs."""
        super().__init__(widget)
        self._panel = panel
        self._handle = handle
        self._is_driving = False
        self._is_path_shown = True
        self._is_panel_on_path = self._is_awaited = False  # awaited is a frame at the playhead that is not made yet
        self.panel_index = 0  # of the frame that the panel shows; while two runs are compared it stays
        self.tracks = TrackList(undo)
        self.paths = PathEditor(rules, undo, self)
        self.playback = Playback(self)
        self.playback.set_fps(FPS)
        self.path_run = PathRun(tasks, handle, self)
        self.recorder = Recorder(tasks, handle, self.tracks, self)
        self.branching = Branching(self)
        self.comparison = Comparison(self, widget)
        self.timeline = Timeline(self.playback, widget)
        self._link = TimelineLink(self, self.timeline)
        self.playback.moved.connect(self._on_moved)
        self.playback.changed.connect(self._on_playback_changed)
        self.paths.changed.connect(self._on_path_changed)
        self.path_run.changed.connect(self._on_path_drawn)
        self.path_run.measured.connect(self._on_measured)
        self.recorder.grown.connect(self._on_track_grown)
        self.recorder.ended.connect(self._on_track_grown)
        self.tracks.on_change(self._on_tracks_changed)

    # What is on the timeline

    @property
    def track(self) -> Track | None:
        """The run on the timeline, or None while the path is there."""
        return None if self._is_path_shown else self.tracks.current

    @property
    def recording(self) -> Recording | None:
        """The frames on the timeline, as far as they are there."""
        track = self.track
        return self.path_run.recording if track is None else track.recording

    @property
    def shown_recording(self) -> Recording | None:
        """What the film strip shows: of a path that has just changed the last pictures that were drawn."""
        if self.comparison.is_on:
            return self.comparison.longest
        return self.path_run.shown if self.track is None else self.recording

    @property
    def has_positions(self) -> bool:
        """Whether the family has places, of which keyframes are made."""
        return bool(self.paths.path.rules)

    @property
    def n_frames(self) -> int:
        """How many frames the timeline has; of a path, or a branch of one, also those that are not drawn yet."""
        track = self.track
        if self.comparison.is_on:
            return self.comparison.n_frames
        if track is None:
            return self.paths.path.n_frames(self.playback.fps)
        return max(len(track.recording), self.recorder.n_expected(track.id))

    @property
    def is_growing(self) -> bool:
        """Whether the run on the timeline goes on."""
        track = self.track
        return track is not None and self.recorder.is_running(track.id)

    @property
    def is_playing_path(self) -> bool:
        """Whether the path plays, so that a move of a slider moves the whole path."""
        return self.playback.is_playing and self.track is None

    def show_path(self) -> None:
        """Put the path on the timeline."""
        self._is_path_shown = True
        self._show_source()

    def show_track(self, track: Track) -> None:
        """Put a run on the timeline."""
        self._is_path_shown = False
        if self.tracks.current is not track:
            self.tracks.select(track)
        self._show_source()

    def _show_source(self) -> None:
        self.refresh_length()
        self._is_awaited = self.frame_at(self.playback.index) is None
        self.comparison.show_index(self.playback.index)
        self._link.show()
        self.source_changed.emit()

    def refresh_length(self) -> None:
        """Take over how many frames there are now.

        A run whose length is known is not followed at its head: the playhead stays where it is.
        """
        track = self.track
        is_open_ended = self.is_growing and track is not None and not self.recorder.n_expected(track.id)
        self.playback.set_length(self.n_frames, is_open_ended)

    # Playing and scrubbing

    def frame_at(self, index: int) -> Frame | None:
        """The recorded frame at an index of the timeline, None where it is not drawn yet."""
        recording = self.recording
        return recording[index] if recording is not None and 0 <= index < len(recording) else None

    def _on_moved(self, index: int) -> None:
        frame = self.frame_at(index)
        self._is_awaited = frame is None
        self._is_panel_on_path = self.track is None and not self.comparison.is_on
        if self.comparison.is_on:
            self.comparison.show_index(index)
        elif frame is not None:
            self.panel_index = index
            self.show_on_panel(_seen_by(self._handle.source.id, self.recording, frame))
        elif self.track is None and self.paths.path.keyframes:
            self._drive(partial(self._panel.go_to, self.paths.position_at(index, self.playback.fps)))
        self._link.show_index()

    def show_present(self) -> None:
        """Let the panel show the frame at the playhead again."""
        self._on_moved(self.playback.index)

    def _show_awaited(self) -> None:
        """Let the panel show the frame at the playhead where it has just been made."""
        if self._is_awaited and self.frame_at(self.playback.index) is not None:
            self.show_present()

    def show_on_panel(self, frame: Frame) -> None:
        """Let the panel show a recorded frame, with its controls where it was made."""
        self._drive(partial(self._panel.show_frame, frame))

    def take_params(self, params: Any) -> None:
        """Let the panel's controls take the values of a run."""
        self._drive(partial(self._panel.set_params, params))

    def _drive(self, call: Callable[[], None]) -> None:
        """Do something to the panel that is no change by the person."""
        self._is_driving = True
        try:
            call()
        finally:
            self._is_driving = False

    def _on_playback_changed(self) -> None:
        self._follow_path()
        self._link.show_index()

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
        if not self._is_driving:
            self._is_panel_on_path = False
            self.branching.follow_panel()

    # The path

    def add_keyframe(self) -> None:
        """Make the present place a keyframe: at the playhead, or behind the end of the path."""
        playhead = self.playback.index if self.track is None else None
        self.go_to_keyframe(self.paths.add(self._panel.position(), playhead, self.playback.fps))

    def go_to_keyframe(self, index: int) -> None:
        """Put the playhead on a keyframe."""
        self.show_path()
        self.playback.seek(self.paths.frame_of(index, self.playback.fps))

    def place_keyframe_here(self, index: int) -> None:
        """Give a keyframe the present place."""
        self.paths.place(index, self._panel.position())

    def ride(self, title: str, offset: Position, merge_key: str | None) -> None:
        """Move the whole path by a way, while it plays; the next frame shows it."""
        self.paths.shift(title, offset, merge_key)

    def _on_path_changed(self) -> None:
        self._follow_path()
        if self.paths.path.keyframes or self.track is None:
            self.show_path()
        if self._is_panel_on_path:  # an undone move of a keyframe is seen at once
            self.show_present()

    def _on_path_drawn(self) -> None:
        if self.track is not None:
            return
        if self._is_panel_on_path:
            self._show_awaited()
        if self.path_run.is_complete:
            self._link.show()
        else:
            self._link.refresh()
        self.source_changed.emit()

    def _on_measured(self, changes: list[float]) -> None:
        self.paths.show(self.paths.path.paced(changes))  # no step of its own: it completes the one that asked for it

    def _follow_path(self) -> None:
        path, params, plan = self.paths.path, self._panel.params(), self.path_run.plan
        if not path.keyframes:
            self.path_run.follow(None)
        elif plan is None or not plan.is_of(path, params, self.playback.fps):
            self.path_run.follow(PathPlan(path, params, self.info("path", params)))

    @property
    def params(self) -> Any:
        """The panel's parameters."""
        return self._panel.params()

    @property
    def position(self) -> Position:
        """The panel's place."""
        return self._panel.position()

    def info(self, kind: RunKind = "run", params: Any = None) -> RunInfo:
        """What a run says about itself that starts now, with these parameters or the panel's."""
        values = params_to_json(self._panel.params() if params is None else params)
        return RunInfo(self._handle.source.id, values, int(values.get("seed", 0)), kind=kind, fps=self.playback.fps)

    # Runs

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
        self.branching.branch()

    @property
    def can_branch(self) -> bool:
        """Whether a run can go on from the frame at the playhead."""
        return self.branching.can_branch

    def stop_current(self) -> None:
        """End the run on the timeline within one frame."""
        if self.track is not None:
            self.stop(self.track.id)

    def stop(self, track_id: str) -> None:
        """End a run within one frame; what was made stays."""
        self.recorder.stop(track_id)

    def _on_track_grown(self, track_id: str) -> None:
        track = self.track
        if track is not None and track.id == track_id:
            self.refresh_length()
            self._show_awaited()
            self._link.refresh()
            self.source_changed.emit()

    def _on_tracks_changed(self) -> None:
        if not len(self.tracks) or not len(self.paths.path):
            self._is_path_shown = not len(self.tracks)
        self._show_source()

    def close(self) -> None:
        """Let go of all recordings; the panel goes."""
        self.playback.pause()
        self.tracks.close()


def _seen_by(model_id: str, recording: Recording | None, frame: Frame) -> Frame:
    """The frame as a model's panel may take it: of another model's only the picture, nothing that moves a control."""
    if recording is None or recording.info.model_id == model_id:
        return frame
    family_id = model_id.partition("/")[0]
    if recording.info.kind == "training" and recording.info.model_id.startswith(f"{family_id}/"):
        return frame  # a recipe shows what the panels of its family know
    return replace(frame, views=dict(list(frame.views.items())[:1]), state=None)
