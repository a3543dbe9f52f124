"""What panel and engine tell each other about a field: how to draw it, and how far the baking is."""

from dataclasses import dataclass
from typing import Final, Literal

from studio.core.view import State

from ..shared.state import Stage, ViewRequest
from .box import Box

Quality = Literal["adaptive", "network", "baked"]
QUALITIES: Final[tuple[Quality, ...]] = ("adaptive", "network", "baked")
LIGHT: Final = "light"
"""What a place of a scene in several lights, and the state of its frames, name beside the camera: (1,), from 1 on."""
TakenKind = Literal["mesh", "points", "splats", "depth"]
TAKEN_KINDS: Final[tuple[TakenKind, ...]] = ("mesh", "points", "splats", "depth")


@dataclass(frozen=True, eq=False)
class FieldRequest(ViewRequest):
    """One picture of the viewport.

    Attributes, beside those of every request:
        quality: "adaptive" moves in the baked scene and comes to rest in the network.
        training_id: the training whose field is drawn, empty for the model's own.
        learnt: the state of a frame of a training, whose field is drawn instead.
        box: six numbers, the corners outside which nothing is drawn; none where all of the scene is.
        is_hurried: at rest, the quickest whole picture is enough: the scene is still being baked.
        light: in which it is shown, counted from 1, where it has several.
        time: the moment that is shown of a scene that moves, 0..1.
    """

    quality: Quality = "adaptive"
    training_id: str = ""
    learnt: State | None = None
    box: Box = ()
    is_hurried: bool = False
    light: float = 1.0
    time: float = 0.0

    @property
    def final_stage(self) -> Stage:
        """How the finest picture of it is drawn."""
        return "baked" if self.quality == "baked" else "network"

    @property
    def is_learning(self) -> bool:
        """Whether another field than the model's own is drawn."""
        return bool(self.training_id) or self.learnt is not None


@dataclass(frozen=True)
class BakeProgress:
    """Attributes:
    fraction: of all of it, 0..1.
    stage: cells along the longest side of the finest that can be drawn; 0 before there is any.
    n_bytes: what that takes of the memory.
    light: in which the scene is baked, where it has several.
    """

    fraction: float
    stage: int
    n_bytes: int
    light: float = 1.0


@dataclass(frozen=True)
class Taking:
    """What is to be written of a field.

    Attributes:
        n_cells: of a mesh, cells along the longest side of the scene, 64 to 512.
    """

    kind: TakenKind
    n_cells: int = 256
