"""What panel and engine tell each other about any scene: what to draw, what comes back, where the scene lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from .camera.camera import Camera
from .camera.ray import FloatArray
from .camera.viewpoint import Extent, extent_of, home_camera
from .shading import PictureLook

Stage = Literal["slow", "draft", "baked", "coarse", "network", "learning", "splats"]
TRAINING: Final = "training"
"""Where the card of a tab names the training whose scene it shows, and the state of a recording the one it is of."""
_ANY_BOX: Final = ((-1.5, -1.5, -0.5), (1.5, 1.5, 1.5))


@dataclass(frozen=True, eq=False)
class ViewRequest:
    """One picture of the viewport.

    Attributes:
        camera, width, height, near: the rays; `near` in world units.
        look: how it is coloured.
        number: counts the changes of what is asked for, so that an answer is known to be the newest.
        is_slow: no kernel may be called: they are still being compiled.
    """

    camera: Camera
    width: int
    height: int
    look: PictureLook
    near: float = 0.0
    number: int = 0
    is_slow: bool = False

    @property
    def final_stage(self) -> Stage:
        """How the finest picture of it is drawn."""
        raise NotImplementedError

    @property
    def is_learning(self) -> bool:
        """Whether another scene than the model's own is drawn."""
        return False


@dataclass(frozen=True, eq=False)
class SceneFacts:
    """Attributes:
    extent: where the scene is.
    home: where it is seen from at first.
    up: the axis that points up.
    """

    extent: Extent
    home: Camera
    up: str = "z"


@dataclass(frozen=True, eq=False)
class View:
    """One picture of the viewport, made.

    Attributes:
        request: what was asked for.
        pixels: uint8 (H, W, 3) sRGB, as large as it was drawn.
        depth: float32 (H, W), the distance along each ray, 0 where nothing is.
        stage: how it was drawn.
        seconds: what it took, all of it.
        n_samples: mean places of the field that a ray looked at, or splats that a pixel is made of.
        fraction: of a picture that is made in tiles, how much is done.
        facts: of the scene that is on it.
        share: the part of the scene that was drawn, 0..1.
    """

    request: ViewRequest
    pixels: npt.NDArray[np.uint8]
    depth: FloatArray
    stage: Stage
    seconds: float
    n_samples: float
    fraction: float = 1.0
    facts: SceneFacts | None = None
    share: float = 1.0

    @property
    def is_final_kind(self) -> bool:
        """Whether nothing finer follows than the mean of several such pictures."""
        return self.stage == self.request.final_stage

    def distance_at(self, x: float, y: float) -> float | None:
        """How far the surface is that is seen at a place of the picture, x and y in 0..1; None where nothing is."""
        height, width = self.depth.shape
        row, column = int(min(max(y, 0), 0.9999) * height), int(min(max(x, 0), 0.9999) * width)
        distance = float(self.depth[row, column])
        return distance if distance > 0 else None


def provisional_facts(card: Mapping[str, Any]) -> SceneFacts:
    """What the card says before the file is read."""
    low, high = (np.array(corner, np.float32) for corner in _ANY_BOX)
    return facts_of(card, extent_of(low, high))


def facts_of(card: Mapping[str, Any], extent: Extent) -> SceneFacts:
    """The facts of a scene that fills `extent`."""
    up = "y" if card.get("up") == "y" else "z"
    return SceneFacts(extent, home_camera(card, extent, up), up)
