"""What a run is made from that leads the present face somewhere, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.core.frame import Frame
from studio.core.path.position import Position

from ..params import PeopleParams
from ..scene import Array, PeopleScene


@dataclass(frozen=True, eq=False)
class LatentSource:
    """Makes the frames of such a run.

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

    def branched(self, index: int, frame: Frame) -> "LatentSource":
        """The picture of that frame, from where a hand goes on."""
        return self if frame.state is None else replace(self, held=np.asarray(frame.state["w"]))

    def changed(self, index: int, params: PeopleParams, position: Position) -> "LatentSource":
        """The same at another place, or with other noise."""
        held = self.held if "w" not in position else np.asarray(position["w"])
        return replace(self, scene=replace(self.scene, params=params), held=held)
