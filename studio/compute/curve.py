"""The figures of a training over its steps, few enough to lie in every checkpoint, and the measuring that follows."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from studio.core.frame import Frame
from studio.core.translation import N_

MAX_POINTS: Final = 1024
MEASURING: Final = N_("Measuring what was learnt")
FIRST_SHARE: Final = 0.02
"""Of the measuring; before that the time which is left cannot be told."""
SHORT_S: Final = 90.0
LEARNT_BEFORE: Final = N_("Learnt before")


class Curve:
    """Points (step, value) by name; a name that has too many loses every second of its older half."""

    def __init__(self) -> None:
        self._points: dict[str, list[tuple[int, float]]] = {}

    def add(self, step: int, scalars: Mapping[str, float]) -> None:
        """Note the figures of the step with this number, counted from 0."""
        for name, value in scalars.items():
            points = self._points.setdefault(name, [])
            points.append((step, value))
            if len(points) > MAX_POINTS:
                del points[1 : MAX_POINTS // 2 : 2]

    def frames(self, n_steps: int) -> Iterator[Frame]:
        """All points as frames in order, so that the plot of a resumed run starts where the first run did."""
        steps: dict[int, dict[str, float]] = defaultdict(dict)
        for name, points in self._points.items():
            for step, value in points:
                steps[step][name] = value
        for step in sorted(steps):
            yield Frame(step, n_steps, LEARNT_BEFORE, scalars=steps[step])

    def state(self) -> dict[str, Any]:
        """What `load` takes."""
        return {name: list(points) for name, points in self._points.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved curve."""
        self._points = {
            str(name): [(int(step), float(value)) for step, value in points] for name, points in state.items()
        }


def measuring_frames(n_steps: int, measuring: Iterable[Any]) -> Iterator[Frame]:
    """Show what follows the last step as more frames of it, one each time that `measuring` yields.

    Where it yields numbers, they say how much is done, 0..1, and the time that is left is told.
    """
    started = time.monotonic()
    for share in measuring:
        seconds = time.monotonic() - started
        label = _time_left(seconds * (1 / share - 1)) if isinstance(share, float) and share > FIRST_SHARE else MEASURING
        yield Frame(n_steps - 1, n_steps, label=label)


def _time_left(seconds: float) -> str:
    if seconds < SHORT_S:
        return N_("Measuring what was learnt, about {n} s left").format(n=max(1, round(seconds)))
    return N_("Measuring what was learnt, about {n} min left").format(n=round(seconds / 60))
