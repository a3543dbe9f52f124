"""Bakes a radiance field into bricks, coarse to fine, so that it can be drawn many times a second."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...shared.camera.ray import RayGrid
from ..model.field import RadianceField
from ..render.hash_field import HashField
from .brick_march import mark_seen
from .bricks import MAX_BYTES, N_BYTES, N_CELLS, N_POINTS, BrickVolume, leap_map, read_table, table_rays, widened
from .colour import DirectionHead, learn_head, no_head, outward, ray_weights, split, spread_rays, to_bytes
from .lattice import Lattice, fill_aprons, is_occupied, plan_lattice
from .query import ColourQuery

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]

CHUNK_S: Final = 0.025  # of work between two yields
STAGES: Final = ((64,), (128, 96), (256, 192, 160), (384, 320))
"""Cells along the longest side of the box, stage by stage; of several the first one for which there is room."""
_MIN_CHUNK: Final = 256
_MAX_CHUNK: Final = 65536
_LEARNT_FROM: Final = 1500  # places
_N_VIEWS: Final = 40  # from which it is found out what can be seen
_RAYS_PER_VOXEL: Final = 0.4
_FAR_AWAY: Final = 8.0  # sizes of the scene between it and these views
_EACH_OF_HIDDEN: Final = 16  # directions from which places are looked at that cannot be seen
_PER_BRICK: Final = 150  # places that hold something
_BRICK_BYTES: Final = N_POINTS**3 * (1 + N_BYTES)
_SPOT: Final = 0.5  # of a cell: how wide the spots are about which the field is asked
_SPARE_BYTES: Final = 8 * 2**20  # for index and leaps


@dataclass(frozen=True)
class BakeSettings:
    """How finely to bake.

    Attributes:
        seconds: what it may take on this machine; decides the last stage unless `stages` are given.
        stages: cells along the longest side, coarse to fine; empty to choose by the clock.
        n_directions: from how many sides places are looked at.
    """

    seconds: float = 13.0
    stages: tuple[int, ...] = ()
    n_directions: int = 48


@dataclass(frozen=True, eq=False)
class Baked:
    """How far a bake has come.

    Attributes:
        volume: the finest that is complete; None before the first.
        fraction: of the present stage, 0..1; 1 only at the very end.
        stage: cells along the longest side of what is being made; at the end, of what was made.
    """

    volume: BrickVolume | None
    fraction: float
    stage: int


def bake(field: RadianceField, settings: BakeSettings | None = None) -> Generator[Baked, None, None]:
    """Yield after each small piece of work (≤ 50 ms); the last one holds the whole thing."""
    return _Bake(field, settings or BakeSettings()).run()


def _view_of(middle: FloatArray, ray: FloatArray, size: float, side_px: int) -> RayGrid:
    """A square picture of all within `size` of the middle, almost parallel, along a direction."""
    across = np.cross(ray, [1.0, 0.0, 0.0] if abs(ray[0]) < 0.7 else [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across)
    half = 0.5 / _FAR_AWAY
    pixel, down = 2 * half / side_px, np.cross(ray, across)
    to_direction = np.stack([across * pixel, down * pixel, ray - half * (across + down)], axis=1)
    origin = middle - ray * np.float32(size * _FAR_AWAY)
    return RayGrid(origin.astype(np.float32), to_direction.astype(np.float32), side_px, side_px)


def _seen_by(field: RadianceField, width: float) -> RadianceField:
    """The field as spots so wide see it, where it knows spots."""
    return field.seen_by(width) if isinstance(field, HashField) else field


class _Bake:
    def __init__(self, field: RadianceField, settings: BakeSettings) -> None:
        self._field = field
        self._settings = settings
        self._rays = spread_rays(settings.n_directions)
        self._query = ColourQuery(field, self._rays)
        self._whole = field
        self._head: DirectionHead | None = None
        self._volume: BrickVolume | None = None
        self._stage = 0
        self._kept_share = 1.0  # of the bricks that might hold something
        self._pace = self._place_pace = 1e-4  # seconds for the opacity and for the colour of a place, as measured

    def run(self) -> Generator[Baked, None, None]:
        started = before = time.perf_counter()
        choices = [(stage,) for stage in self._settings.stages] or STAGES
        for stages in choices:
            now = time.perf_counter()
            plans = map(self._plan, stages)
            lattice = next((plan for plan in plans if self._has_room(plan, now - started, now - before)), None)
            if lattice is None:
                break
            before = now
            yield from self._make(lattice)
        yield Baked(self._volume, 1.0, self._stage)

    def _plan(self, stage: int) -> Lattice:
        return plan_lattice(self._field.occupancy, stage)

    def _has_room(self, lattice: Lattice, spent_s: float, last_s: float) -> bool:
        """Whether a stage fits into memory and, unless the stages were ordered, into the time."""
        if self._volume is None:
            return True
        n_bricks = len(lattice.places) * self._kept_share
        if n_bricks * _BRICK_BYTES > MAX_BYTES - _SPARE_BYTES:
            return False
        more = n_bricks / max(self._volume.n_bricks, 1)
        return bool(self._settings.stages) or spent_s + last_s * more <= self._settings.seconds

    def _make(self, lattice: Lattice) -> Iterator[Baked]:
        """One stage: opacity at the points that may hold something, then colour where something is."""
        self._stage, n_planned = lattice.n_cells, max(len(lattice.places), 1)
        self._field = _seen_by(self._whole, _SPOT * lattice.voxel)
        self._query = ColourQuery(self._field, self._rays)
        yield self._progress(0.0)
        opacity = np.zeros((len(lattice.places), N_POINTS, N_POINTS, N_POINTS), np.uint8)
        yield from self._find_opacity(lattice, opacity)
        fill_aprons(lattice, opacity)
        keep = np.asarray((opacity > 0).any(axis=(1, 2, 3)), np.bool_)
        lattice, opacity = lattice.chosen(keep), opacity[keep]
        self._kept_share = len(opacity) / n_planned
        yield self._progress(0.4)
        colour, leap = np.zeros((*opacity.shape, N_BYTES), np.uint8), leap_map(lattice.numbers, opacity)
        parts = lattice.low, lattice.voxel, lattice.numbers, leap, opacity, colour
        yield self._progress(0.42)
        seen = yield from self._look_around(BrickVolume(*parts, no_head().of_bytes()))
        is_last = len(self._settings.stages) == 1
        if self._head is None and (is_last or self._volume is not None):  # the first picture does not wait for it
            yield from self._learn(lattice, opacity, seen)
        head = self._head or no_head()
        yield from self._find_colour(lattice, opacity, colour, head, seen)
        fill_aprons(lattice, colour)
        yield self._progress(0.98)
        self._volume = BrickVolume(*parts, head.of_bytes())
        yield self._progress(0.99)

    def _progress(self, fraction: float) -> Baked:
        return Baked(self._volume, fraction, self._stage)

    def _find_opacity(self, lattice: Lattice, opacity: ByteArray) -> Iterator[Baked]:
        n_bricks, first = len(opacity), 0
        while first < n_bricks:
            last = min(first + max(1, self._chunk() // N_CELLS**3), n_bricks)
            positions = lattice.positions(slice(first, last))
            mask = is_occupied(self._field.occupancy, positions)
            density = np.zeros(mask.shape, np.float32)
            started = time.perf_counter()
            density[mask] = self._field.density(np.ascontiguousarray(positions[mask]))
            self._measure(started, int(mask.sum()))
            found = np.rint(-255 * np.expm1(-density * np.float32(lattice.voxel))).astype(np.uint8)
            opacity[first:last, :N_CELLS, :N_CELLS, :N_CELLS] = found.reshape(-1, N_CELLS, N_CELLS, N_CELLS)
            first = last
            yield self._progress(0.4 * first / n_bricks)

    def _chunk(self) -> int:
        """How many queries make a piece of work."""
        return int(np.clip(CHUNK_S / self._pace, _MIN_CHUNK, _MAX_CHUNK))

    def _measure(self, started: float, n_queries: int) -> None:
        if n_queries >= _MIN_CHUNK:
            self._pace += 0.3 * ((time.perf_counter() - started) / n_queries - self._pace)

    def _look_around(self, volume: BrickVolume) -> Generator[Baked, None, ByteArray]:
        """Which blocks, and their neighbours, are seen from outside; the shape is that of the leaps."""
        seen = np.zeros_like(volume.leap)
        middle = np.asarray((volume.low + volume.high) / 2, np.float32)
        size = float(np.linalg.norm(volume.high - volume.low))
        for ray in spread_rays(_N_VIEWS):
            mark_seen(volume, _view_of(middle, ray, size, int(size / volume.voxel * _RAYS_PER_VOXEL) + 1), seen)
            yield self._progress(0.43)
        return widened(seen)

    def _learn(self, lattice: Lattice, opacity: ByteArray, seen: ByteArray) -> Iterator[Baked]:
        """Find out from some places what features there are."""
        own = opacity[:, :N_CELLS, :N_CELLS, :N_CELLS].reshape(-1, N_CELLS**3)
        bricks, points = np.nonzero(own)
        is_seen = lattice.marked(seen, bricks, points)
        bricks, points = bricks[is_seen], points[is_seen]
        if not len(bricks):
            self._head = no_head()
            return
        chosen = np.random.default_rng(0).choice(len(bricks), min(_LEARNT_FROM, len(bricks)), replace=False)
        bricks, points = bricks[chosen], points[chosen]
        positions = lattice.positions(slice(None))[bricks, points]
        rays = table_rays()
        query = ColourQuery(self._field, rays)
        weights = ray_weights(rays, outward(opacity)[bricks, points])
        colours = np.zeros((*weights.shape, 3), np.float32)
        n = max(1, self._chunk() // len(rays))
        for first in range(0, len(positions), n):
            part = slice(first, first + n)
            colours[part] = query.colours(positions[part], weights[part])
            yield self._progress(0.44)
        learning = learn_head(weights, colours)
        while self._head is None:
            try:
                next(learning)
            except StopIteration as end:
                self._head = end.value
            yield self._progress(0.45)

    def _find_colour(
        self, lattice: Lattice, opacity: ByteArray, colour: ByteArray, head: DirectionHead, seen: ByteArray
    ) -> Iterator[Baked]:
        n_bricks, first = len(opacity), 0
        basis = read_table(head.basis, self._rays)
        own = colour[:, :N_CELLS, :N_CELLS, :N_CELLS]
        while first < n_bricks:
            n_bricks_now = max(1, int(CHUNK_S / self._place_pace) // _PER_BRICK)
            chunk = slice(first, min(first + n_bricks_now, n_bricks))
            held = opacity[chunk, :N_CELLS, :N_CELLS, :N_CELLS].reshape(-1, N_CELLS**3) > 0
            positions = lattice.positions(chunk)[held]
            bricks, points = np.nonzero(held)
            weights = ray_weights(self._rays, outward(opacity[chunk])[held])
            hidden = ~lattice.marked(seen, bricks + first, points)
            weights[hidden] *= np.arange(weights.shape[1]) % _EACH_OF_HIDDEN == 0
            parts = split(weights, self._colours(positions, weights), basis)
            found = np.zeros((*held.shape, N_BYTES), np.uint8)
            found[held] = to_bytes(parts, head)
            own[chunk] = found.reshape(-1, N_CELLS, N_CELLS, N_CELLS, N_BYTES)
            first = chunk.stop
            yield self._progress(0.45 + 0.5 * first / n_bricks)

    def _colours(self, positions: FloatArray, weights: FloatArray) -> FloatArray:
        started = time.perf_counter()
        colours = self._query.colours(positions, weights)
        if len(positions):
            spent = (time.perf_counter() - started) / len(positions)
            self._place_pace += 0.3 * (spent - self._place_pace)
        return colours
