"""Makes coarser volumes of a baked one: what is drawn from far away, where pixels are larger than its cells.

A point of the coarser lattice is the mean of the 27 finer ones round it, the nearer ones counting more (1, 2, 1 along
each axis), and its opacity that of a way twice as long.
"""

from collections.abc import Generator
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.camera.ray import RayGrid
from .bricks import N_BYTES, N_CELLS, N_POINTS, BrickVolume, leap_map

ByteArray = npt.NDArray[np.uint8]

N_HALVED: Final = 3
"""So many coarser volumes: the last one has an eighth of the cells along a side."""
_TOGETHER: Final = 16  # bricks between two yields


def coarser_volumes(volume: BrickVolume) -> Generator[None, None, list[BrickVolume]]:
    """The volume and its coarser ones, each of half as many cells along a side; yields every few milliseconds."""
    volumes = [volume]
    for _ in range(N_HALVED):
        volumes.append((yield from halved(volumes[-1])))
    return volumes


def halved(volume: BrickVolume) -> Generator[None, None, BrickVolume]:
    """The volume with cells twice as large."""
    places = _coarser_places(volume.index)
    opacity = np.zeros((len(places), N_POINTS, N_POINTS, N_POINTS), np.uint8)
    colour = np.zeros((*opacity.shape, N_BYTES), np.uint8)
    for first in range(0, len(places), _TOGETHER):
        part = slice(first, first + _TOGETHER)
        _halve(places[part], volume.index, volume.opacity, volume.colour, opacity[part], colour[part])
        yield
    keep = np.asarray(opacity.any(axis=(1, 2, 3)), np.bool_)
    places, opacity, colour = places[keep], opacity[keep], colour[keep]
    index = np.full([-(-n // 2) for n in volume.index.shape], -1, np.int32)
    index[tuple(places.T)] = np.arange(len(places))
    return BrickVolume(volume.low, 2 * volume.voxel, index, leap_map(index, opacity), opacity, colour, volume.head)


def volume_for(volumes: list[BrickVolume], rays: RayGrid) -> BrickVolume:
    """The one whose cells are not smaller than half of the pixels at the near side of the scene."""
    low, high = volumes[0].low, volumes[0].high
    way = (np.clip(rays.origin, low, high) - rays.origin).astype(np.float64)
    width = float(np.linalg.norm(rays.spread) * np.linalg.norm(way))
    number = int(np.log2(max(width / volumes[0].voxel, 1)))
    return volumes[min(number, len(volumes) - 1)]


def _coarser_places(index: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Where coarser bricks (N, 3), [z, y, x], may hold something: those of finer ones, and of their neighbours."""
    held = np.pad(index >= 0, [(0, n % 2) for n in index.shape])
    for axis in range(3):
        along = np.moveaxis(held, axis, 0)
        before, behind = along[1:].copy(), along[:-1].copy()
        along[:-1] |= before
        along[1:] |= behind
    n_z, n_y, n_x = (n // 2 for n in held.shape)
    return np.argwhere(held.reshape(n_z, 2, n_y, 2, n_x, 2).any(axis=(1, 3, 5)))


@kernel()
def _halve(places, index, opacity, colour, coarse_opacity, coarse_colour):
    """Write the points of coarser bricks, places (N, 3), [z, y, x]."""
    sums = np.empty(N_BYTES, np.float32)
    for n in range(len(places)):
        place = places[n]
        first_z, first_y, first_x = 2 * N_CELLS * place[0], 2 * N_CELLS * place[1], 2 * N_CELLS * place[2]
        for z in range(N_POINTS):
            for y in range(N_POINTS):
                for x in range(N_POINTS):
                    fine = first_z + 2 * z, first_y + 2 * y, first_x + 2 * x
                    total = _gather(fine, index, opacity, colour, sums)
                    if total > 0:
                        clear = np.float32(1) - total / np.float32(64 * 255)
                        coarse_opacity[n, z, y, x] = np.rint(255 * (1 - clear * clear))
                        for b in range(N_BYTES):
                            coarse_colour[n, z, y, x, b] = np.rint(sums[b] / total)


@kernel(is_inner=True)
def _gather(fine, index, opacity, colour, sums):
    """Put into `sums` the weighted bytes of the 27 points round a fine one, and return their weighted opacity."""
    sums[:] = 0
    total = np.float32(0)
    for corner in range(27):
        dz, dy, dx = corner // 9 - 1, corner // 3 % 3 - 1, corner % 3 - 1
        z, y, x = fine[0] + dz, fine[1] + dy, fine[2] + dx
        bz, by, bx = z >> 3, y >> 3, x >> 3
        if min(bz, by, bx) < 0 or bz >= index.shape[0] or by >= index.shape[1] or bx >= index.shape[2]:
            continue
        brick = index[bz, by, bx]
        if brick < 0:
            continue
        w, v, u = z & 7, y & 7, x & 7
        weight = np.float32(opacity[brick, w, v, u] * (2 - abs(dz)) * (2 - abs(dy)) * (2 - abs(dx)))
        if weight > 0:
            total += weight
            for b in range(N_BYTES):
                sums[b] += weight * colour[brick, w, v, u, b]
    return total
