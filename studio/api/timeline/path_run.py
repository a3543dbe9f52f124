"""Draws the path in the background as it is now, so that scrubbing over it waits for nothing."""

import time
from collections.abc import Callable, Generator, Iterator
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import Engine, EngineHandle
from studio.api.timeline.run_source import PathPlan, PathSource
from studio.compute.job import Policy
from studio.compute.travel import CHANGE, travel_with_pauses
from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo
from studio.core.translation import N_
from studio.widgets.task_scope import TaskScope

SETTLE_MS = 120
KEY = "path"
MAX_DRAWN = 36_000  # pictures kept of a path, 20 minutes at 30 a second; a file may name one of days
MIN_PIECES, MAX_PIECES, N_ALL_PIECES = 16, 64, 512  # of one way between two keyframes, and of all together


class PathRun(QObject):
    """A path that wants an even pace is measured first; of a very long one only the beginning is kept.

    Signals: changed() when there are more pictures, or none any more; measured(changes) for `KeyframePath.paced`.

    Attributes:
        recording: the pictures of the present plan, None while it waits or is measured.
        shown: what to show meanwhile: those of the last plan that was drawn.
    """

    changed = Signal()
    measured = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self.plan: PathPlan | None = None
        self._drawing: Drawing | None = None
        self.recording: Recording | None = None
        self.shown: Recording | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._start)

    @property
    def is_complete(self) -> bool:
        """Whether every picture of the path has been drawn."""
        return self.plan is not None and self.recording is not None and len(self.recording) == self.plan.n_frames

    def follow(self, plan: PathPlan | None) -> None:
        """Draw this plan once nothing has changed for a moment; the pictures of another one are dropped."""
        if plan is None and self.plan is None:
            return
        self._tasks.cancel(KEY)
        self.plan = plan
        self._drawing = self.recording = None
        if plan is None:
            self.shown = None
            self._settle.stop()
        else:
            self._settle.start()
        self.changed.emit()

    def frames(self, plan: PathPlan, start: int) -> Iterator[Frame]:
        """Draw the frames of a plan from `start` on; called on the Worker."""
        frames: Iterator[Frame | None] = self._handle.work(PathSource(plan, start).frames)()
        return (frame for frame in frames if frame is not None)

    def drawing_of(self, plan: PathPlan) -> "Drawing":
        """What draws a plan: where it is the present one, the same for the timeline and for all exports."""
        if plan is self.plan and self._drawing is not None:
            return self._drawing
        drawing = Drawing(self._handle, plan.info, partial(first_frames, source=PathSource(plan)))
        if plan is self.plan:
            self._drawing = drawing
        return drawing

    def _start(self) -> None:
        if self.plan is None:
            return
        path = self.plan.path
        if path.needs_pace:
            work = self._handle.work(partial(measured_changes, plan=self.plan))
            self._tasks.run(KEY, work, Policy.BACKGROUND, done=self.measured.emit)
            return
        drawing = self.drawing_of(self.plan)
        self.recording = drawing.recording
        title = N_("Drawing the path")
        self._tasks.run(KEY, drawing.steps, Policy.BACKGROUND, event=self._on_grown, done=self._on_grown, title=title)

    def _on_grown(self, _: object) -> None:
        if self.is_complete or self.shown is None:
            self.shown = self.recording
        self.changed.emit()


class Drawing:
    """The pictures of a plan, drawn once however many jobs wait for them: whichever goes on draws the next piece.

    Attributes:
        recording: as far as they are there.
    """

    def __init__(self, handle: EngineHandle, info: RunInfo, draw: Callable[[Engine], Iterator[Frame | None]]) -> None:
        self.recording = Recording(info)
        self._work = handle.recorded(draw, self.recording)
        self._pieces: Iterator[Frame | None] | None = None
        self._drawing_s = 0.0

    @property
    def each_s(self) -> float | None:
        """How long a frame takes by itself, in seconds; None before the second one: the first opens the model."""
        n_timed = len(self.recording) - 1
        return self._drawing_s / n_timed if n_timed > 0 else None

    def steps(self) -> Iterator[Frame | None]:
        """Draw on; called on the Worker. A job that ends in between leaves the rest to the others."""
        if self._pieces is None:
            self._pieces = self._work()
        began = time.perf_counter()
        is_first = not len(self.recording)
        for piece in self._pieces:
            if not is_first:
                self._drawing_s += time.perf_counter() - began
            is_first = not len(self.recording)
            yield piece
            began = time.perf_counter()  # other work runs between two steps


def first_frames(engine: Engine, source: PathSource) -> Iterator[Frame | None]:
    """Draw a path, as far as its pictures are kept; the rest is drawn where one goes."""
    n_left = MAX_DRAWN
    for frame in source.frames(engine):
        yield frame
        n_left -= frame is not None
        if n_left == 0:
            return


def measured_changes(engine: Engine, plan: PathPlan) -> Generator[Frame | None, None, list[float]]:
    """Draw the path at equal pieces of its course; returns how much the picture changes over each."""
    route = plan.path.route
    n_pieces = min(MAX_PIECES, max(MIN_PIECES, N_ALL_PIECES // route.n_segments))
    changes: list[float] = []
    stops = [route.at(float(number)) for number in route.stops(n_pieces)]
    for frame in travel_with_pauses(engine, plan.params, stops, len(stops)):
        if frame is not None and CHANGE in frame.scalars:
            changes.append(frame.scalars[CHANGE])
        yield frame
    # What cannot be compared by eye or ear is walked at even steps of the position.
    return changes or list(route.piece_lengths(n_pieces))
