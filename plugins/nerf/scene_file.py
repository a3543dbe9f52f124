"""Opens a scene's file, ours or another program's, and says where it lies and from where it was photographed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from studio.api.engine import ModelSource

from .camera import Camera
from .field import RadianceField
from .foreign_scene import CHECKPOINT, NGP, open_checkpoint
from .hash_field import HashField
from .ngp_file import read_ngp
from .slow_draw import SeenField
from .slow_field import SlowField
from .viewpoint import Extent, extent_of, home_camera, occupied_extent
from .weights import load_field

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


@dataclass(frozen=True, eq=False)
class OpenScene:
    """A scene in memory.

    Attributes:
        field: what draws it.
        slow_field: the same without compiled kernels.
        facts: what is known about it.
    """

    field: RadianceField
    slow_field: SeenField
    facts: SceneFacts


def provisional_facts(card: Mapping[str, Any]) -> SceneFacts:
    """What the card says before the file is read."""
    low, high = (np.array(corner, np.float32) for corner in _ANY_BOX)
    return facts_of(card, extent_of(low, high))


def facts_of(card: Mapping[str, Any], extent: Extent) -> SceneFacts:
    """The facts of a scene that fills `extent`."""
    up = "y" if card.get("up") == "y" else "z"
    return SceneFacts(extent, home_camera(card, extent, up), up, card.get("format") != CHECKPOINT)


def open_scene(source: ModelSource) -> OpenScene:
    """Read a scene, ours or another program's; raises UserError where the file is no good."""
    if source.card.get("format") == CHECKPOINT:
        network = open_checkpoint(source)
        return OpenScene(network, network, facts_of(source.card, occupied_extent(network.occupancy)))
    is_ngp = source.card.get("format") == NGP
    parts = read_ngp(source.path).parts if is_ngp else load_field(source.path, source.card)
    field = HashField(parts.config, parts.weights, parts.occupancy)
    slow_field = SlowField(parts.config, parts.weights, parts.occupancy)
    return OpenScene(field, slow_field, facts_of(source.card, occupied_extent(parts.occupancy)))
