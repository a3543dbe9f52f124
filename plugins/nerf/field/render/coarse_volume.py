"""Draws a coarse picture of a scene without any compiled kernel: some pictures a second in plain numpy.

The scene is looked up once at the middles of cubic cells; rays then take one sample a cell, the nearest one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from studio.core.pausing import pause

from ...shared.camera.ray import RayGrid, Rendering
from ..model.field import OccupancyGrid

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

RESOLUTIONS: Final = (32, 64)
"""Cells along the longest side of what is occupied: the first ones at once, the last ones a second later."""

_CHUNK: Final = 16384  # cells between two yields
_CHECK_EVERY: Final = 8  # steps until rays that have left are sorted out
_BORDER: Final = _CHECK_EVERY + 1  # empty cells round the volume: no ray that has left reads beyond them
_GONE: Final = 0.01  # transmittance below which a ray ends


class OccupiedField(Protocol):
    """What can be looked up: `NumpyField`, or a field of another kind that needs no kernels for it."""

    occupancy: OccupancyGrid

    def density_colour(self, positions: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Density (N,) and sRGB colour (N, 3) of positions (N, 3) seen along unit directions (N, 3)."""


@dataclass(frozen=True, eq=False)
class CoarseVolume:
    """Cubic cells with an empty border of 9 cells.

    Attributes:
        low: float32 (3,), world position of the corner of the first cell behind the border.
        cell: edge of a cell in world units.
        seen: float32 (Z, Y, X, 4): sRGB colour times opacity, and opacity, of a ray's way through one cell.
    """

    low: FloatArray
    cell: float
    seen: FloatArray

    @property
    def high(self) -> FloatArray:
        """World position of the last corner before the border."""
        size = np.array(self.seen.shape[2::-1], np.float32) - 2 * _BORDER
        return np.asarray(self.low + np.float32(self.cell) * size, np.float32)

    @cached_property
    def slopes(self) -> FloatArray:
        """Minus the gradient of opacity, float32 (cells, 3); smoothed, or the cells' own sides would show."""
        opacity = self.seen[..., 3]
        for axis in (0, 1, 2) * 2:
            opacity = (np.roll(opacity, 1, axis) + opacity + np.roll(opacity, -1, axis)) / np.float32(3)
        z, y, x = np.gradient(opacity)
        return np.ascontiguousarray(-np.stack([x, y, z], axis=-1).reshape(-1, 3), np.float32)


class CoarseScene:
    """A scene that is drawn slowly.

    Attributes:
        volume: what it is drawn from; None before the first picture.
    """

    def __init__(self, field: OccupiedField, eye: FloatArray) -> None:
        """Colours are those seen from `eye` (3,)."""
        self._field = field
        self._eye = np.asarray(eye, np.float32)
        self.volume: CoarseVolume | None = None

    def refine(self) -> Iterator[float]:
        """Look the scene up on finer and finer grids; yields the part that is done, some twenty times a second."""
        total = sum(resolution**3 for resolution in RESOLUTIONS)
        done = 0
        for resolution in RESOLUTIONS:
            for share, volume in look_up(self._field, self._eye, resolution):
                self.volume = self.volume if volume is None else volume
                yield (done + share * resolution**3) / total
            done += resolution**3

    def draw(self, rays: RayGrid, with_normals: bool = False) -> Rendering:
        """Draw what is there, at least the coarsest grid."""
        if self.volume is None:
            *_, (_, self.volume) = look_up(self._field, self._eye, RESOLUTIONS[0])
        assert self.volume is not None
        return draw_coarse(self.volume, rays, with_normals)


def look_up(field: OccupiedField, eye: FloatArray, resolution: int) -> Iterator[tuple[float, CoarseVolume | None]]:
    """Look a field up in cells, `resolution` of them along its longest side.

    Yields the part that is done after each slab of cells, and at the end the volume.
    """
    low, high = _occupied_box(field.occupancy)
    cell = float((high - low).max()) / resolution
    size = np.maximum(np.ceil((high - low) / cell - 1e-4), 1).astype(int)
    seen = np.zeros((*(size[::-1] + 2 * _BORDER), 4), np.float32)
    inner = seen[_BORDER:-_BORDER, _BORDER:-_BORDER, _BORDER:-_BORDER]
    x, y, z = (low[axis] + (np.arange(size[axis]) + 0.5) * cell for axis in range(3))
    thickness = max(1, _CHUNK // (len(x) * len(y)))
    for first in range(0, len(z), thickness):
        pause()
        slab = slice(first, first + thickness)
        places = np.stack(np.meshgrid(z[slab], y, x, indexing="ij")[::-1], axis=-1).astype(np.float32)
        held = _is_occupied(field.occupancy, places, cell)
        inner[slab][held] = _seen(field, places[held], eye, cell)
        yield min(1.0, (first + thickness) / len(z)), None
    yield 1.0, CoarseVolume(low, cell, seen)


def _seen(field: OccupiedField, places: FloatArray, eye: FloatArray, cell: float) -> FloatArray:
    """Colour times opacity, and opacity, (N, 4) of cells whose middles are `places` (N, 3)."""
    pause()
    ways = places - eye
    ways /= np.linalg.norm(ways, axis=1, keepdims=True) + np.float32(1e-9)
    density, colour = field.density_colour(places, ways)
    opacity = -np.expm1(-density * np.float32(cell))
    return np.concatenate([np.clip(colour, 0, 1) * opacity[:, None], opacity[:, None]], axis=1)


def draw_coarse(volume: CoarseVolume, rays: RayGrid, with_normals: bool = False) -> Rendering:
    """Draw a picture of H x W rays."""
    n = rays.height * rays.width
    march = _March(volume, rays)
    march.run(volume.slopes if with_normals else None)
    done = np.zeros((n, 9), np.float32)  # colour, opacity, Σ w t, normal, number of samples
    done[march.pixels] = march.sums
    opacity = done[:, 3]
    depth = np.where(opacity > 0.5, done[:, 4] / np.maximum(opacity, 1e-6), 0)
    length = np.linalg.norm(done[:, 5:8], axis=1, keepdims=True)
    normal = np.where(length > 1e-6, done[:, 5:8] / np.maximum(length, 1e-6), 0)
    shape = (rays.height, rays.width)
    return Rendering(
        np.ascontiguousarray(done[:, :3]).reshape(*shape, 3),
        opacity.reshape(shape).copy(),
        depth.astype(np.float32).reshape(shape),
        normal.astype(np.float32).reshape(*shape, 3),
        done[:, 8].astype(np.uint16).reshape(shape),
    )


class _March:
    """All rays at once, one cell a step.

    Attributes:
        pixels: int64 (P,), which pixels' rays reach the box. sums: float32 (P, 9), what they found.
    """

    def __init__(self, volume: CoarseVolume, rays: RayGrid) -> None:
        self._volume = volume
        ways = rays.directions().reshape(-1, 3)
        begin, end = _box_span(volume, rays, ways)
        self.pixels = np.flatnonzero(end > begin)
        self.sums = np.zeros((len(self.pixels), 9), np.float32)
        begin, end, ways = begin[self.pixels], end[self.pixels], ways[self.pixels]
        self._begin = begin
        self._n_steps = np.ceil((end - begin) / volume.cell).astype(np.int64)
        # In cells from the first of the border, half a step behind the place where the ray comes in.
        start = (rays.origin + ways * begin[:, None] - volume.low) / volume.cell + _BORDER
        self._place = np.ascontiguousarray((start + 0.5 * ways).T)  # (3, P)
        self._way = np.ascontiguousarray(ways.T)

    def run(self, slopes: FloatArray | None) -> None:
        """Fill `sums`; `slopes` (cells, 3) are wanted for the normals only."""
        seen = self._volume.seen.reshape(-1, 4)
        _, n_y, n_x, _ = self._volume.seen.shape
        active = np.arange(len(self.pixels))
        place, way, left = self._place, self._way, np.ones(len(active), np.float32)
        found = np.zeros((len(active), 9), np.float32)
        first = 0
        while len(active):
            for step in range(first, first + _CHECK_EVERY):
                pause()
                x, y, z = place.astype(np.int32)
                cells = (z * n_y + y) * n_x + x
                sample = seen[cells]
                found[:, :4] += left[:, None] * sample
                weight = left * sample[:, 3]
                found[:, 4] += weight * ((step + 0.5) * self._volume.cell + self._begin[active])
                if slopes is not None:
                    found[:, 5:8] += weight[:, None] * slopes[cells]
                left = left - weight
                place = place + way
            first += _CHECK_EVERY
            found[:, 8] += _CHECK_EVERY
            goes_on = (self._n_steps[active] > first) & (left > _GONE)
            self.sums[active[~goes_on]] = found[~goes_on]
            active, left, found = active[goes_on], left[goes_on], found[goes_on]
            place, way = place[:, goes_on], way[:, goes_on]


def _box_span(volume: CoarseVolume, rays: RayGrid, ways: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where rays (N, 3) enter and leave the box, not before `near`; they miss it where the first is not the smaller."""
    safe = np.where(np.abs(ways) < 1e-9, np.float32(1e-9), ways)
    a, b = (volume.low - rays.origin) / safe, (volume.high - rays.origin) / safe
    begin = np.maximum(np.minimum(a, b).max(axis=1), np.float32(max(rays.near, 0.0)))
    return begin, np.maximum(a, b).min(axis=1)


def _occupied_box(occupancy: OccupancyGrid) -> tuple[FloatArray, FloatArray]:
    """Corners of the smallest box of cells that holds all that is marked; the whole grid where nothing is."""
    lows, highs = [], []
    for cascade, cells in enumerate(occupancy.cells):
        full = np.argwhere(cells)[:, ::-1]
        if len(full):
            low, cell = _cascade(occupancy, cascade)
            lows.append(low + full.min(axis=0) * cell)
            highs.append(low + (full.max(axis=0) + 1) * cell)
    if not lows:
        return occupancy.low, occupancy.high
    return np.min(lows, axis=0).astype(np.float32), np.max(highs, axis=0).astype(np.float32)


def _cascade(occupancy: OccupancyGrid, cascade: int) -> tuple[FloatArray, FloatArray]:
    """Lower corner (3,) and cell size (3,) of a cascade in world units."""
    middle, half = (occupancy.low + occupancy.high) / 2, (occupancy.high - occupancy.low) / 2 * 2**cascade
    return middle - half, 2 * half / occupancy.resolution


def _is_occupied(occupancy: OccupancyGrid, places: FloatArray, width: float) -> BoolArray:
    """Whether the smallest cascade that holds a place (..., 3), or one half a cell of `width` beside it, is marked."""
    found = np.zeros(places.shape[:-1], np.bool_)
    for shift in np.array([[0, 0, 0], *(0.5 * width * np.vstack([np.eye(3), -np.eye(3)]))], np.float32):
        found |= _is_marked(occupancy, places + shift)
    return found


def _is_marked(occupancy: OccupancyGrid, places: FloatArray) -> BoolArray:
    found = np.zeros(places.shape[:-1], np.bool_)
    is_open = np.ones_like(found)
    for number, cells in enumerate(occupancy.cells):
        low, cell = _cascade(occupancy, number)
        at = np.floor((places - low) / cell).astype(np.int64)
        is_here = is_open & ((at >= 0) & (at < occupancy.resolution)).all(axis=-1)
        x, y, z = at[is_here].T
        found[is_here] = cells[z, y, x] != 0
        is_open &= ~is_here
    return found
