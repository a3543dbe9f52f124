"""Where a scene lies and from where it was photographed; what a panel knows of it before any file is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .camera import Camera
from .foreign_scene import CHECKPOINT
from .viewpoint import Extent, extent_of, home_camera

_ANY_BOX: Final = ((-1.5, -1.5, -0.5), (1.5, 1.5, 1.5))


@dataclass(frozen=True, eq=False)
class SceneFacts:
    """Attributes:
    extent: where the scene is.
    home: where it is seen from at first.
    up: the axis that points up.
    has_grid: whether it is a hash grid; else one large network.
    """

    extent: Extent
    home: Camera
    up: str = "z"
    has_grid: bool = True


def provisional_facts(card: Mapping[str, Any]) -> SceneFacts:
    """What the card says before the file is read."""
    low, high = (np.array(corner, np.float32) for corner in _ANY_BOX)
    return facts_of(card, extent_of(low, high))


def facts_of(card: Mapping[str, Any], extent: Extent) -> SceneFacts:
    """The facts of a scene that fills `extent`."""
    up = "y" if card.get("up") == "y" else "z"
    return SceneFacts(extent, home_camera(card, extent, up), up, card.get("format") != CHECKPOINT)
