"""What is seen of a training while it runs: which steps, pictures as a recording, figures as curves, its pace."""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo

FloatArray: TypeAlias = npt.NDArray[np.float64]

MAX_POINTS: Final = 1 << 16
MAX_NAMES: Final = 64
PACE_S: Final = 30.0
HELD_OUT: Final = "held-out "
"""The names of figures on data that is not learnt from begin so."""
_FIRST_CAPACITY: Final = 256


class GrowingCurve:
    """Points (x, value) of which one thread adds and others read; too many lose every second of the older half."""

    def __init__(self) -> None:
        # One attribute, since a reader must never see the points of one moment with the number of another.
        self._held = np.empty((2, _FIRST_CAPACITY)), 0

    def add(self, x: float, value: float) -> None:
        """Add a point whose `x` is not below the last one."""
        points, n = self._held
        if n == points.shape[1]:
            points, n = _with_room(points)
        points[:, n] = x, value
        self._held = points, n + 1

    def points(self) -> tuple[FloatArray, FloatArray]:
        """The points so far, (N,) each: views of what no later point changes."""
        points, n = self._held
        return points[0, :n], points[1, :n]


def _with_room(points: FloatArray) -> tuple[FloatArray, int]:
    """A larger copy of full points (2, N) and how many it holds; never larger than MAX_POINTS."""
    n = points.shape[1]
    if n >= MAX_POINTS:
        points = np.concatenate([points[:, : n // 2 : 2], points[:, n // 2 :]], axis=1)
    fresh = np.empty((2, min(2 * n, MAX_POINTS)))
    fresh[:, : points.shape[1]] = points
    return fresh, points.shape[1]


class Pace:
    """How fast steps are made, over the last half minute or another stretch of `span_s` seconds."""

    def __init__(self, span_s: float = PACE_S) -> None:
        self._span_s = span_s
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, now_s: float, step: int) -> None:
        """Note that `step` was reached at `now_s`."""
        if self._marks and step <= self._marks[-1][1]:
            return
        self._marks.append((now_s, step))
        while len(self._marks) > 2 and now_s - self._marks[0][0] > self._span_s:
            self._marks.popleft()

    def seconds_left(self, n_left: int) -> float | None:
        """How long so many more steps will take; None while it cannot be told."""
        if len(self._marks) < 2:
            return None
        (first_s, first), (last_s, last) = self._marks[0], self._marks[-1]
        return n_left * (last_s - first_s) / (last - first) if last_s > first_s else None


class Learning:
    """Takes the frames of a training one by one.

    The recording gets those with pictures, so that each step of the timeline shows something; the curves get every
    figure. A training that is continued yields its old figures again, and may repeat steps whose pictures are known.

    Attributes:
        recording: the pictures; each frame has the newest figures of its step.
        step, n_steps: how far it is: steps done, and wanted.
        label: what it is doing besides learning ("Measuring on held-out data"), else empty.
        figures: the newest value of each figure.
    """

    def __init__(self, info: RunInfo) -> None:
        self.recording = Recording(info)
        self.step = 0
        self.n_steps = 0
        self.label = ""
        self.figures: Mapping[str, float] = {}
        self.pace = Pace()
        self._curves: dict[str, GrowingCurve] = {}
        self._earlier: tuple[Frame, ...] = ()
        self._last_picture = -1

    def recall(self, earlier: Iterable[Frame]) -> None:
        """Begin with the pictures from before it was stopped; called before the first frame is taken."""
        self._earlier = tuple(earlier)
        for frame in self._earlier:
            self.recording.append(frame)
            self._count(frame)
            self.figures = {**self.figures, **_finite(frame.scalars)}
            self._last_picture = frame.step

    def take(self, frame: Frame, now_s: float) -> None:
        """Take the next frame; called on the thread that trains."""
        if not self._curves:
            self._seed_curves(frame.step)
        self._count(frame)
        self.label = frame.label
        if not frame.label:  # neither old figures nor measuring tell how fast it learns
            self.pace.note(now_s, self.step)
        figures = _finite(frame.scalars)
        self._add(frame.step, figures)
        self.figures = {**self.figures, **figures}
        if frame.views and frame.step > self._last_picture:
            self._last_picture = frame.step
            self.recording.append(frame)

    def names(self) -> list[str]:
        """The figures that there are, the losses first."""
        return list(self._curves)

    def curve(self, name: str) -> tuple[FloatArray, FloatArray]:
        """The steps and values of a figure, (N,) each."""
        curve = self._curves.get(name)
        return curve.points() if curve is not None else (np.empty(0), np.empty(0))

    def seconds_left(self) -> float | None:
        """How long the rest will take; None while it cannot be told."""
        return self.pace.seconds_left(max(self.n_steps - self.step, 0))

    def close(self) -> None:
        """Free the recording."""
        self.recording.close()

    def _count(self, frame: Frame) -> None:
        self.n_steps = frame.n_steps
        if frame.scalars or frame.views:  # not while data are being read
            self.step = max(self.step, frame.step + 1)

    def _seed_curves(self, step: int) -> None:
        """Begin the curves with the figures of the earlier pictures, where the training does not tell them again."""
        for frame in self._earlier:
            if frame.step < step:
                self._add(frame.step, _finite(frame.scalars))

    def _add(self, step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            if name not in self._curves and len(self._curves) < MAX_NAMES:
                self._curves = {**self._curves, name: GrowingCurve()}  # a reader may be walking through the old one
            curve = self._curves.get(name)
            if curve is not None:
                curve.add(step, value)


def _finite(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items() if math.isfinite(value)}


@dataclass(frozen=True)
class LogThinning:
    """Keeps the first `dense` steps, then one each time that the number of steps has grown by `growth`.

    Of N steps about dense + ln(N / dense) / ln(growth) are kept, less those before step `first`, where there is nothing
    to see yet. A recipe asks the same object when to draw its sample pictures.
    """

    dense: int = 32
    growth: float = 1.02
    first: int = 0

    def __post_init__(self) -> None:
        if self.dense < 1 or self.growth <= 1:
            raise ValueError("thinning needs at least one dense step and growth beyond 1")

    def keeps(self, step: int) -> bool:
        """Whether step 0, 1, 2 … is kept; the answer depends on nothing else."""
        return step >= self.first and (step < self.dense or self._n_grown(step) > self._n_grown(step - 1))

    def _n_grown(self, step: int) -> int:
        """How often the number of steps has grown by now, since the dense ones; -1 at the last of them."""
        return math.floor(math.log(step / self.dense) / math.log(self.growth)) if step >= self.dense else -1
