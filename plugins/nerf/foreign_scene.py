"""Opens original NeRFs of other programs as fields; torch is loaded on use, since importers know this module."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from studio.api.engine import ModelSource

from .checkpoint_file import CheckpointScene, read_checkpoint
from .nerf_grids import Grids, keep_grids, kept_grids

if TYPE_CHECKING:
    from .nerf_field import NeRFField

NGP: Final = "instant-ngp"
CHECKPOINT: Final = "nerf-pytorch"


def open_checkpoint(source: ModelSource) -> "NeRFField":
    """Read a pair of NeRFs; raises UserError where the file is no good."""
    from .nerf_field import NeRFField

    scene = read_checkpoint(source.path)
    *_, grids = ready_grids(source.content_hash, scene)
    assert isinstance(grids, Grids)
    return NeRFField(scene, grids)


def ready_grids(content: str, scene: CheckpointScene) -> Iterator[Grids | float]:
    """Where the networks hold something: yields how much is found, 0 to 1, then the grids.

    Args:
        content: hash of the file, under which the grids are kept for the next time.
    """
    kept = kept_grids(content)
    if kept is not None:
        yield kept
        return
    from .nerf_field import measured_grids

    for step in measured_grids(scene):
        if isinstance(step, Grids):
            keep_grids(content, step)
        yield step
