"""The Gray-Scott model: a substance eats another, both spread, and patterns grow. Shapes: H W cells."""

from collections.abc import Iterator
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import AMOUNT_COLOURS, Device, Engine, ModelSource
from studio.core.frame import Frame
from studio.core.seed import generator
from studio.core.view import Image, State

from .params import ReactionParams

SIDE: Final = 64
STEPS_PER_FRAME: Final = 60
N_DROPS: Final = 12
SPREAD_FOOD, SPREAD_EATER = np.float32(0.16), np.float32(0.08)  # cells squared per step
Plane = npt.NDArray[np.float32]


class ReactionEngine(Engine):
    """A formula; nothing is loaded."""

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """There are no weights to read."""
        return cls()

    def close(self) -> None:
        """Nothing is held."""

    def generate(self, params: ReactionParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the pictures of a run; from `start`, the state of a frame, that frame again and those behind it."""
        first = 0 if start is None else min(int(start["step"]), params.n_frames - 1)
        food, eater = _drops(params.seed) if start is None else (start["food"], start["eater"])
        for step in range(first, params.n_frames):
            if step > first:
                food, eater = _reacted(food, eater, params)
            state = {"food": food, "eater": eater, "step": np.array(step)}
            pixels = AMOUNT_COLOURS[np.rint(255 * np.clip(2.5 * eater, 0, 1)).astype(np.uint8)]  # (H, W, 3)
            yield Frame(
                step, params.n_frames, f"After {step * STEPS_PER_FRAME:,} steps", {"eater": Image(pixels)}, {}, state
            )


def _drops(seed: int) -> tuple[Plane, Plane]:
    """Food everywhere, and a few drops of the eater, both (H, W)."""
    food, eater = np.ones((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
    for row, column in generator(seed, "drops").integers(0, SIDE - 6, (N_DROPS, 2)):
        food[row : row + 6, column : column + 6] = 0.5
        eater[row : row + 6, column : column + 6] = 0.25
    return food, eater


def _reacted(food: Plane, eater: Plane, params: ReactionParams) -> tuple[Plane, Plane]:
    feed, kill = np.float32(params.feed), np.float32(params.kill)
    for _ in range(STEPS_PER_FRAME):
        eaten = food * eater * eater
        food, eater = (
            food + SPREAD_FOOD * _spread(food) - eaten + feed * (1 - food),
            eater + SPREAD_EATER * _spread(eater) + eaten - (feed + kill) * eater,
        )
    return food, eater


def _spread(plane: Plane) -> Plane:
    """The sum of the four neighbours less four times the cell; the edges meet."""
    sides = np.roll(plane, 1, 0) + np.roll(plane, -1, 0) + np.roll(plane, 1, 1) + np.roll(plane, -1, 1)
    return sides - 4 * plane
