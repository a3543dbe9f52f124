"""Opens a scene's file, ours or another program's."""

from dataclasses import dataclass

from studio.api.engine import ModelSource

from .field import RadianceField
from .foreign_scene import CHECKPOINT, NGP, open_checkpoint
from .hash_field import HashField
from .ngp_file import read_ngp
from .scene_facts import SceneFacts, facts_of
from .slow_draw import SeenField
from .slow_field import SlowField
from .viewpoint import occupied_extent
from .weights import load_field


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
