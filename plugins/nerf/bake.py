"""Bakes a radiance field into bricks, coarse to fine, so that it can be drawn many times a second."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .bake_colour import Head, learn_head, no_head, outward, split, spread_directions, to_bytes
from .bake_lattice import Lattice, fill_aprons, is_occupied, plan_lattice
from .bake_query import ColourQuery
from .bricks import MAX_BYTES, N_BYTES, N_CELLS, N_POINTS, BrickVolume, leap_map
from .field import RadianceField

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]

CHUNK_S: Final = 0.025  # of work between two yields
STAGES: Final = ((64,), (128, 96), (256, 192, 160), (384, 320))
"""Cells along the longest side of the box, stage by stage; of several the first one for which there is room."""
_PROBE: Final = 2048  # places at which the cost of a query is first measured
_MIN_CHUNK: Final = 256
_MAX_CHUNK: Final = 65536
_LEARNT_FROM: Final = 3000  # places
_LEARNT_ALONG: Final = 40  # directions
_PER_BRICK: Final = 150  # places that hold something
_BRICK_BYTES: Final = N_POINTS**3 * (1 + N_BYTES)
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
    n_directions: int = 16


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


class _Bake:
    def __init__(self, field: RadianceField, settings: BakeSettings) -> None:
        self._field = field
        self._settings = settings
        self._directions = spread_directions(settings.n_directions)
        self._query = ColourQuery(field, self._directions.rays)
        self._head: Head | None = None
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
        yield self._progress(0.0)
        opacity = np.zeros((len(lattice.places), N_POINTS, N_POINTS, N_POINTS), np.uint8)
        yield from self._find_opacity(lattice, opacity)
        fill_aprons(lattice, opacity)
        keep = np.asarray((opacity > 0).any(axis=(1, 2, 3)), np.bool_)
        lattice, opacity = lattice.chosen(keep), opacity[keep]
        self._kept_share = len(opacity) / n_planned
        yield self._progress(0.4)
        if self._head is None:
            yield from self._learn(lattice, opacity)
        head = self._head or no_head()
        colour = np.zeros((*opacity.shape, N_BYTES), np.uint8)
        yield from self._find_colour(lattice, opacity, colour, head)
        fill_aprons(lattice, colour)
        yield self._progress(0.98)
        leap = leap_map(lattice.numbers, opacity)
        self._volume = BrickVolume(lattice.low, lattice.voxel, lattice.numbers, leap, opacity, colour, head.of_bytes())
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

    def _learn(self, lattice: Lattice, opacity: ByteArray) -> Iterator[Baked]:
        """Find out from some places what features there are."""
        own = opacity[:, :N_CELLS, :N_CELLS, :N_CELLS].reshape(-1, N_CELLS**3)
        bricks, points = np.nonzero(own)
        if not len(bricks):
            self._head = no_head()
            return
        chosen = np.random.default_rng(0).choice(len(bricks), min(_LEARNT_FROM, len(bricks)), replace=False)
        bricks, points = bricks[chosen], points[chosen]
        positions = lattice.positions(slice(None))[bricks, points]
        directions = spread_directions(_LEARNT_ALONG)
        query = ColourQuery(self._field, directions.rays)
        weights = directions.weights(outward(opacity)[bricks, points])
        colours = np.zeros((*weights.shape, 3), np.float32)
        n = max(1, self._chunk() // _LEARNT_ALONG)
        for first in range(0, len(positions), n):
            part = slice(first, first + n)
            colours[part] = query.colours(positions[part], weights[part])
            yield self._progress(0.4)
        self._head = learn_head(directions, weights, colours)
        yield self._progress(0.45)

    def _find_colour(self, lattice: Lattice, opacity: ByteArray, colour: ByteArray, head: Head) -> Iterator[Baked]:
        n_bricks, first = len(opacity), 0
        own = colour[:, :N_CELLS, :N_CELLS, :N_CELLS]
        while first < n_bricks:
            n_bricks_now = max(1, int(CHUNK_S / self._place_pace) // _PER_BRICK)
            chunk = slice(first, min(first + n_bricks_now, n_bricks))
            held = opacity[chunk, :N_CELLS, :N_CELLS, :N_CELLS].reshape(-1, N_CELLS**3) > 0
            positions = lattice.positions(chunk)[held]
            weights = self._directions.weights(outward(opacity[chunk])[held])
            parts = split(self._directions, weights, self._colours(positions, weights), head.basis)
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
