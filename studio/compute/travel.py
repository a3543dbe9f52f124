"""The frames of a path: an engine draws one position after the other, and each change is measured."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.translation import N_
from studio.core.view import Audio, Field, Image, State, View

CHANGE = "change"
"""The scalar that says how much a frame differs from the one before it, 0 to 1."""


class Draws(Protocol):
    """What travelling asks of an engine."""

    def run_to_end(self, params: Any, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a run that goes on from `start`, its last frame at least, and None in the midst of a long one."""


def travel(engine: Draws, params: Any, positions: Iterable[Position], n_steps: int, first: int = 0) -> Iterator[Frame]:
    """Yield one frame for each position, the last one of its run, as the steps from `first` on of `n_steps`.

    From the second frame on, the scalar "change" is the mean absolute difference of the main view from the frame
    before, its values scaled to 0..1. It is left out where the main view is none that can be compared.
    """
    return (frame for frame in travel_with_pauses(engine, params, positions, n_steps, first) if frame is not None)


def travel_with_pauses(
    engine: Draws, params: Any, positions: Iterable[Position], n_steps: int, first: int = 0
) -> Iterator[Frame | None]:
    """Yield what `travel` yields, and None while a run is on its way to its last frame, so that others get a turn."""
    before: npt.NDArray[np.float32] | None = None
    for step, position in enumerate(positions, first):
        frame = yield from last_frame(engine.run_to_end(params, dict(position)))
        values = visible_values(frame.main_view)
        change = mean_change(before, values)
        before = values
        scalars = dict(frame.scalars) if change is None else {**frame.scalars, CHANGE: change}
        label = N_("Place {i} of {n}").format(i=step + 1, n=n_steps)
        yield replace(frame, step=step, n_steps=n_steps, label=label, scalars=scalars)


def last_frame(frames: Iterator[Frame | None]) -> Generator[None, None, Frame]:
    """Return the last frame of a run, whole; yields None in between. Raises UserError where there is none."""
    last: Frame | None = None
    for frame in frames:
        if frame is None or last is not None:
            yield
        last = last if frame is None else frame.after(last)
    if last is None:
        raise UserError(N_("The model drew nothing at this place."))
    return last


def visible_values(view: View | None) -> npt.NDArray[np.float32] | None:
    """Return the values of a view as they are seen or heard, scaled to 0..1, or None where there are none to compare.

    A field of distances counts as the ink inside its edge, an edge one pixel wide; others from low to high.
    """
    match view:
        case Image(pixels=pixels):
            return np.asarray(pixels / np.float32(255))
        case Field(values=values, meaning="distance"):
            return np.asarray(np.clip(values + 0.5, 0, 1), np.float32)
        case Field(values=values, low=low, high=high):
            return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)
        case Audio(samples=samples):
            return np.asarray((samples + 1) / 2, np.float32)
    return None


def mean_change(before: npt.NDArray[np.float32] | None, now: npt.NDArray[np.float32] | None) -> float | None:
    """Return the mean absolute difference, or None where two shapes cannot be compared."""
    if before is None or now is None or before.shape != now.shape or now.size == 0:
        return None
    return float(np.abs(now - before).mean())
