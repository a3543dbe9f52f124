"""A run that leads what is edited somewhere, step by step on the timeline; what it reached is one step of undo."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from studio.api.gesture import GestureEditor
from studio.commands.track import Track
from studio.commands.undo import Step, UndoStack
from studio.core.frame import Frame
from studio.core.view import State

from .controller import TimelineController
from .run_source import RunSource

SceneT = TypeVar("SceneT")


class EditRun(QObject, Generic[SceneT]):
    """One such run at a time.

    A hand that changes anything meanwhile ends it; what it has reached by then stays.

    Signals:
        grown(frame): the newest frame.
        ended(frame): it is over, however it ended; None where it made no frame.
        settled(frame): the panel stands at this frame of it: the last one, or the first one where it was undone.
    """

    grown = Signal(object)
    ended = Signal(object)
    settled = Signal(object)

    def __init__(
        self,
        editor: GestureEditor[SceneT],
        reached: Callable[[SceneT, State], SceneT],
        timeline: TimelineController,
        undo: UndoStack,
        parent: QObject,
        has_one_track: bool = False,
    ) -> None:
        """`reached` puts a scene where a frame's state is; `has_one_track`: a run takes the place of the one before."""
        super().__init__(parent)
        self._editor, self._reached, self._timeline, self._undo = editor, reached, timeline, undo
        self._has_one_track, self._track_id = has_one_track, ""
        self._track: Track | None = None
        self._before = self._scene = editor.scene
        self._title = ""
        timeline.recorder.grown.connect(self._on_grown)
        timeline.recorder.ended.connect(self._on_ended)
        editor.steered.connect(self.stop)
        editor.changed.connect(self._forget)

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self._track is not None

    def begin(self, title: str, scene: SceneT, source: RunSource) -> None:
        """Put a run that starts from a scene on the timeline, and follow it."""
        self.stop()
        timeline, recorder = self._timeline, self._timeline.recorder
        self._before, self._scene, self._title = self._editor.scene, scene, title
        self._editor.adopt(scene)
        timeline.pause()
        info = replace(timeline.info("run", source.params), title=title)
        start = partial(recorder.renew, self._track_id) if self._has_one_track else recorder.start
        self._track = track = start(source, info)
        self._track_id = track.id
        timeline.show_track(track)
        if not recorder.is_running(track.id):
            self._finish()

    def stop(self) -> None:
        """End it within one step, with what it has reached."""
        if self._track is not None:
            self._timeline.recorder.stop(self._track.id)

    def _forget(self) -> None:
        """Undo, or a state that is opened, leads elsewhere: what the run has reached is not wanted any more."""
        track, self._track = self._track, None
        if track is not None:
            self._timeline.recorder.stop(track.id)
            self.ended.emit(_newest(track))

    def _on_grown(self, track_id: str) -> None:
        frame = _newest(self._track) if self._track is not None and track_id == self._track.id else None
        if frame is not None:
            self.grown.emit(frame)

    def _on_ended(self, track_id: str) -> None:
        if self._track is not None and track_id == self._track.id:
            self._finish()

    def _finish(self) -> None:
        track, self._track = self._track, None
        assert track is not None
        frame = _newest(track)
        if frame is None or frame.state is None:
            self._editor.show(self._before)
        else:
            self._take(track.recording[0], frame, frame.state)
        self.ended.emit(frame)

    def _take(self, first: Frame, last: Frame, state: State) -> None:
        """Make what was reached the present scene, as a step of undo."""
        reached = self._reached(self._scene, state)
        undo, redo = partial(self._stand, self._before, first), partial(self._stand, reached, last)
        redo()
        self._undo.push(Step(self._title, undo, redo))

    def _stand(self, scene: SceneT, frame: Frame) -> None:
        self._editor.show(scene)
        self.settled.emit(frame)


def _newest(track: Track) -> Frame | None:
    return track.recording[-1] if len(track.recording) else None
