"""What the panel asks its engine to draw, and what comes back."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from studio.core.view import State

from .camera import Camera
from .ray import FloatArray
from .shading import Look

Quality = Literal["adaptive", "network", "baked"]
QUALITIES: Final[tuple[Quality, ...]] = ("adaptive", "network", "baked")
Stage = Literal["slow", "draft", "baked", "coarse", "network", "learning"]


@dataclass(frozen=True, eq=False)
class ViewRequest:
    """One picture of the viewport.

    Attributes:
        camera, width, height, near: the rays; `near` in world units.
        look: how it is coloured.
        quality: "adaptive" moves in the baked scene and comes to rest in the network.
        training_id: the training whose field is drawn, empty for the model's own.
        is_slow: no kernel may be called: they are still being compiled.
        is_hurried: at rest, the quickest whole picture is enough: the scene is still being baked.
        learnt: the state of a frame of a training, whose field is drawn instead.
        number: counts the changes of what is asked for, so that an answer is known to be the newest.
    """

    camera: Camera
    width: int
    height: int
    look: Look
    quality: Quality = "adaptive"
    near: float = 0.0
    training_id: str = ""
    learnt: State | None = None
    number: int = 0
    is_hurried: bool = False
    is_slow: bool = False

    @property
    def is_learning(self) -> bool:
        """Whether another field than the model's own is drawn."""
        return bool(self.training_id) or self.learnt is not None


@dataclass(frozen=True, eq=False)
class View:
    """One picture of the viewport, made.

    Attributes:
        request: what was asked for.
        pixels: uint8 (H, W, 3) sRGB, as large as it was drawn.
        depth: float32 (H, W), the distance along each ray, 0 where nothing is.
        stage: how it was drawn.
        seconds: what it took, all of it.
        n_samples: mean places of the field that a ray looked at.
        fraction: of a picture that is made in tiles, how much is done.
    """

    request: ViewRequest
    pixels: npt.NDArray[np.uint8]
    depth: FloatArray
    stage: Stage
    seconds: float
    n_samples: float
    fraction: float = 1.0

    @property
    def is_final_kind(self) -> bool:
        """Whether nothing finer follows than the mean of several such pictures."""
        return self.stage == ("baked" if self.request.quality == "baked" else "network")

    def distance_at(self, x: float, y: float) -> float | None:
        """How far the surface is that is seen at a place of the picture, x and y in 0..1; None where nothing is."""
        height, width = self.depth.shape
        row, column = int(min(max(y, 0), 0.9999) * height), int(min(max(x, 0), 0.9999) * width)
        distance = float(self.depth[row, column])
        return distance if distance > 0 else None
