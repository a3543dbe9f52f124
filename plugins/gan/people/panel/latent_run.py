"""A run that leads the present face somewhere, step by step on the timeline; what it reached is one step of undo."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.panel import Step, Track, UndoStack
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.path.position import Position

from ..params import PeopleParams
from ..scene import Array, PeopleScene
from .editor import PeopleEditor


@dataclass(frozen=True, eq=False)
class LatentRunSource:
    """Where the frames of such a run come from.

    Attributes:
        scene: what it starts from, with the noise that all its frames have.
        steps: called with the engine on the Worker.
        held: a place (L, D) at which a branch of it stays.
    """

    scene: PeopleScene
    steps: Callable[[Any], Iterator[Frame | None]]
    held: Array | None = None

    @property
    def params(self) -> PeopleParams:
        """Those of the scene."""
        return self.scene.params

    @property
    def n_frames(self) -> int:
        """Not told, so that the timeline follows the newest frame."""
        return 0

    @property
    def moved(self) -> float:
        """It has no positions."""
        return 0.0

    def frames(self, engine: Any) -> Iterator[Frame | None]:
        """Yield the steps, or the one picture of the place that is held."""
        return self.steps(engine) if self.held is None else iter([engine.place_frame(self.held, self.scene)])

    def branched(self, index: int, frame: Frame) -> "LatentRunSource":
        """The picture of that frame, from where a hand goes on."""
        return self if frame.state is None else replace(self, held=np.asarray(frame.state["w"]))

    def changed(self, index: int, params: PeopleParams, position: Position) -> "LatentRunSource":
        """The same at another place, or with other noise."""
        held = self.held if "w" not in position else np.asarray(position["w"])
        return replace(self, scene=replace(self.scene, params=params), held=held)


class LatentRun(QObject):
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

    def __init__(self, editor: PeopleEditor, timeline: TimelineController, undo: UndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._editor, self._timeline, self._undo = editor, timeline, undo
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

    def begin(self, title: str, source: LatentRunSource) -> None:
        """Put a run on the timeline and follow it."""
        self.stop()
        timeline = self._timeline
        self._before, self._scene, self._title = self._editor.scene, source.scene, title
        self._editor.adopt(source.scene)
        timeline.pause()
        track = timeline.recorder.start(source, replace(timeline.info("run", source.params), title=title))
        timeline.show_track(track)
        self._track = track
        if not timeline.recorder.is_running(track.id):
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
        if self._track is not None and track_id == self._track.id:
            frame = _newest(self._track)
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
            self._take(track.recording[0], frame)
        self.ended.emit(frame)

    def _take(self, first: Frame, last: Frame) -> None:
        """Make the place that was reached the present one, as a step of undo."""
        assert last.state is not None
        reached = self._scene.at_w(last.state["w"])
        undo, redo = partial(self._stand, self._before, first), partial(self._stand, reached, last)
        redo()
        self._undo.push(Step(self._title, undo, redo))

    def _stand(self, scene: PeopleScene, frame: Frame) -> None:
        self._editor.show(scene)
        self.settled.emit(frame)


def _newest(track: Track) -> Frame | None:
    return track.recording[-1] if len(track.recording) else None
