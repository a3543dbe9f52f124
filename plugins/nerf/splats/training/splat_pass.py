"""One picture of splats that learn, and the way back from its gradient to theirs."""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.pausing import result_of

from ...shared.camera.ray import RayGrid
from ...shared.threads import share
from ..model.splats import Splats
from ..render.blend import blend, to_length_of
from ..render.prepared import arrays_of
from ..render.projection import project, room_for, sight_of
from ..render.tiles import listed
from .blend_back import N_GRADIENTS, blend_back
from .project_back import SplatGradients, Turned, project_back

FloatArray = npt.NDArray[np.float32]

N_GROUPS: Final = 4
"""Tiles are dealt to so many groups, whatever the number of threads, so that sums come out the same everywhere."""


class PassRoom:
    """Room for the pictures of so many splats, which one after the other use.

    Attributes:
        projected: for the ellipses. by_records: float32 (groups, N, 9), for their gradients.
    """

    def __init__(self, n_splats: int) -> None:
        self.projected = room_for(n_splats)
        self.by_records = np.empty((N_GROUPS, n_splats, N_GRADIENTS), np.float32)


class SplatPass:
    """One picture of splats, from which its gradient goes back to them; the next one may use the same room."""

    def __init__(self, splats: Splats, rays: RayGrid, near: float, room: PassRoom) -> None:
        self._arrays = arrays_of(splats)
        self._turned = Turned(splats.rotations, splats.log_scales)
        self._sight = sight_of(rays, near)
        self._rays = rays
        self._room = room
        self._projected = projected = room.projected.for_picture(len(splats), rays.width, rays.height)

        def project_parts(first: int, last: int) -> None:
            for part in range(first, last):
                project(self._arrays, self._sight, projected, False, part)

        share(project_parts, len(projected.tile_counts), 1)
        self._tiles = result_of(listed(projected, 0, projected.tile_counts.shape[1]))
        self._n_tiles = len(self._tiles.starts) - 1
        self._picture = np.zeros((rays.height, rays.width, 3), np.float32)

    def on(self, background: FloatArray) -> FloatArray:
        """The picture (H, W, 3) laid on a colour (3,)."""
        size = self._rays.height, self._rays.width
        planes, samples = np.zeros((2, *size), np.float32), np.zeros(size, np.uint16)
        normal, to_length = np.zeros((*size, 3), np.float32), to_length_of(self._rays)
        into = self._picture, planes, normal, samples
        records, tiles = self._projected.records, self._tiles
        share(lambda first, last: blend(records, tiles, to_length, *into, False, first, last), self._n_tiles, 16)
        self._picture += (np.float32(1) - planes[0])[..., None] * background
        return self._picture

    def back(self, by_picture: FloatArray, found: SplatGradients) -> None:
        """Write the gradients of what `on` gave."""
        by_records, tiles = self._room.by_records, self._tiles
        by_records[:] = 0
        bounds = np.searchsorted(tiles.starts, np.linspace(0, tiles.starts[-1], N_GROUPS + 1)[1:-1])
        ends = np.array([0, *bounds, self._n_tiles], np.int64)

        def lay(first: int, last: int) -> None:
            for group in range(first, last):
                own = by_records[group]
                blend_back(self._projected.records, tiles, self._picture, by_picture, own, ends[group], ends[group + 1])

        def place(first: int, last: int) -> None:
            project_back(self._arrays, self._turned, self._sight, self._projected, by_records, found, first, last)

        share(lay, N_GROUPS, 1)
        share(place, len(self._projected.counts), 2)


def no_gradients(splats: Splats) -> SplatGradients:
    """Room for the gradients of splats."""
    n = len(splats)
    arrays = {name: np.zeros_like(array) for name, array in splats.arrays().items()}
    return SplatGradients(**arrays, shifts=np.zeros(n, np.float32), is_seen=np.zeros(n, np.bool_))
