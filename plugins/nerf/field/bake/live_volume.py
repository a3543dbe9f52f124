"""A coarse volume that follows a field while it is being learnt, so that it can be orbited meanwhile."""

import time
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.field import OccupancyGrid, RadianceField
from .bricks import HEAD_SHAPE, N_BYTES, N_CELLS, N_POINTS, BrickVolume, leap_map
from .lattice import is_occupied

FloatArray = npt.NDArray[np.float32]

_CHUNK: Final = 16384  # places looked at between two looks at the clock


class LiveVolume:
    """All bricks of a box. What they hold is looked up anew again and again, some places at a time.

    Colours are those seen from the eye of that moment: right for this view, and soon so again after it has moved.

    Attributes:
        volume: what can be drawn; its arrays change in place at each `refresh`.
    """

    def __init__(self, low: FloatArray, high: FloatArray, resolution: int = 96) -> None:
        """Cover the box from `low` to `high` (3,) with `resolution` cells along its longest side."""
        extent = np.asarray(high, np.float32) - np.asarray(low, np.float32)
        voxel = float(extent.max()) / resolution
        n_x, n_y, n_z = (int(n) for n in np.maximum(np.ceil(extent / voxel / N_CELLS - 1e-4), 1))
        index = np.arange(n_z * n_y * n_x, dtype=np.int32).reshape(n_z, n_y, n_x)
        opacity = np.zeros((index.size, N_POINTS, N_POINTS, N_POINTS), np.uint8)
        colour = np.zeros((*opacity.shape, N_BYTES), np.uint8)
        leap = leap_map(index, opacity)
        head = np.zeros(HEAD_SHAPE, np.float32)
        self.volume = BrickVolume(np.asarray(low, np.float32), voxel, index, leap, opacity, colour, head)
        shape = [n * N_CELLS + 1 for n in index.shape]
        z, y, x = (np.arange(n, dtype=np.float32) * np.float32(voxel) for n in shape)
        self._grid = np.stack(np.meshgrid(z, y, x, indexing="ij")[::-1], axis=-1) + self.volume.low
        self._held = np.zeros(shape, np.bool_)  # lattice points that were occupied in the present pass
        self._points = np.empty((0, 3), np.int32)
        self._next = 0

    def refresh(self, field: RadianceField, occupancy: OccupancyGrid, eye: FloatArray, budget_s: float) -> float:
        """Look places up for about `budget_s`, as seen from `eye` (3,); return how much of them is done, 0..1.

        After 1.0 the next call begins again. Places that are not occupied any more are emptied at the beginning.
        """
        end = time.perf_counter() + budget_s
        if self._next >= len(self._points):
            self._begin(occupancy)
        while self._next < len(self._points):
            self._look(field, self._points[self._next : self._next + _CHUNK], np.asarray(eye, np.float32))
            self._next += _CHUNK
            if time.perf_counter() >= end:
                break
        self.volume.leap[:] = leap_map(self.volume.index, self.volume.opacity)
        return min(self._next / len(self._points), 1.0) if len(self._points) else 1.0

    def _begin(self, occupancy: OccupancyGrid) -> None:
        """Make the list of places to be looked up, and empty all others."""
        volume = self.volume
        held = is_occupied(occupancy, self._grid)
        gone = np.argwhere(self._held & ~held)[:, ::-1].astype(np.int32)
        _write_points(gone, np.zeros(len(gone), np.uint8), np.zeros((len(gone), 3), np.uint8), volume)
        self._held = held
        self._points = np.argwhere(held)[:, ::-1].astype(np.int32)
        self._next = 0

    def _look(self, field: RadianceField, points: npt.NDArray[np.int32], eye: FloatArray) -> None:
        volume = self.volume
        positions = volume.low + points.astype(np.float32) * np.float32(volume.voxel)
        ways = positions - eye
        ways /= np.sqrt(np.square(ways).sum(axis=1, keepdims=True)) + np.float32(1e-9)
        density, colour = field.density_colour(positions, ways)
        opacity = np.rint(-255 * np.expm1(-density * np.float32(volume.voxel))).astype(np.uint8)
        _write_points(points, opacity, np.rint(np.clip(colour, 0, 1) * 255).astype(np.uint8), volume)


def _write_points(
    points: npt.NDArray[np.int32], opacity: npt.NDArray[np.uint8], colour: npt.NDArray[np.uint8], volume: BrickVolume
) -> None:
    """Put lattice points (M, 3) with their opacity (M,) and colour (M, 3) into each brick that has them."""
    _write(np.ascontiguousarray(points), opacity, colour, volume.index, volume.opacity, volume.colour)


@kernel()
def _write(points, opacity, colour, index, opacities, colours):
    n_z, n_y, n_x = index.shape
    for m in range(len(points)):
        x, y, z = points[m, 0], points[m, 1], points[m, 2]
        for bz in range(max((z - 1) // N_CELLS, 0), min(z // N_CELLS + 1, n_z)):
            for by in range(max((y - 1) // N_CELLS, 0), min(y // N_CELLS + 1, n_y)):
                for bx in range(max((x - 1) // N_CELLS, 0), min(x // N_CELLS + 1, n_x)):
                    brick = index[bz, by, bx]
                    rz, ry, rx = z - bz * N_CELLS, y - by * N_CELLS, x - bx * N_CELLS
                    opacities[brick, rz, ry, rx] = opacity[m]
                    for c in range(3):
                        colours[brick, rz, ry, rx, c] = colour[m, c]
