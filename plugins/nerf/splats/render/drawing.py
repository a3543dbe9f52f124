"""Draws a scene of splats: all of them at rest, as many as there is time for while it moves."""

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.pausing import result_of

from ...shared.band import empty_rendering
from ...shared.camera.ray import RayGrid, Rendering
from ...shared.threads import share
from .blend import blend, to_length_of
from .prepared import N_CLASSES, PreparedSplats
from .projection import CHUNK, Projected, nothing_projected, project, sight_of
from .tiles import TILE, TileList, listed

N_TOGETHER: Final = 64
"""Chunks of splats that are projected between two looks at what else is wanted."""
N_ENTRIES: Final = 500_000
"""Splats, each counted once a tile, that are laid between two such looks."""
MOST_GROWTH: Final = 1.5
"""By how much splats grow at most where others are left out."""
FIRST_COST_S: Final = 2e-7
"""For each splat of a draft, before any was drawn."""
MEMORY: Final = 0.7
STAYING: Final = 0.75
"""Classes that would have to come or go before the share of a draft changes: it does not flicker."""


@dataclass(frozen=True, eq=False)
class SplatPicture:
    """A picture whose splats are in place and in order, so that any of its rows can be drawn.

    Attributes:
        n_seen: splats that are seen in it.
    """

    rays: RayGrid
    projected: Projected
    tiles: TileList
    with_normals: bool
    n_seen: int

    def drawn(self) -> Generator[None, None, Rendering]:
        """Draw it, row of tiles by row of tiles."""
        found = empty_rendering(self.rays.width, self.rays.height)
        planes = np.zeros((2, self.rays.height, self.rays.width), np.float32)
        n_columns = -(-self.rays.width // TILE)
        before, first = 0, 0
        row_ends = self.tiles.starts[n_columns::n_columns]
        for row, end in enumerate(row_ends.tolist(), 1):
            if end - before >= N_ENTRIES or row == len(row_ends):
                self._draw(found, planes, first * n_columns, row * n_columns)
                before, first = end, row
                yield
        return Rendering(found.colour, planes[0], planes[1], found.normal, found.n_samples)

    def _draw(self, found: Rendering, planes: npt.NDArray[np.float32], first_tile: int, last_tile: int) -> None:
        to_length = to_length_of(self.rays)
        into = found.colour, planes, found.normal, found.n_samples

        def part(first: int, last: int) -> None:
            first, last = first_tile + first, first_tile + last
            blend(self.projected.records, self.tiles, to_length, *into, self.with_normals, first, last)

        n_tiles = last_tile - first_tile
        share(part, n_tiles, max(1, n_tiles // 48))


def placed(
    prepared: PreparedSplats,
    rays: RayGrid,
    *,
    with_normals: bool = False,
    n_classes: int = N_CLASSES,
    is_smooth: bool = False,
) -> Generator[None, None, SplatPicture]:
    """Put the splats of the first classes into a picture; those that are left out are made up for by larger ones."""
    n_drawn, weight = prepared.ends[n_classes - 1], prepared.weights[n_classes - 1]
    growth = min(1 / math.sqrt(max(weight, 1e-6)), MOST_GROWTH) if n_classes < N_CLASSES else 1.0
    sight, found = sight_of(rays, prepared.near, growth, is_smooth), nothing_projected(n_drawn)

    def part(first: int, last: int) -> None:
        project(prepared.arrays, sight, found, with_normals, start + first, start + last)

    n_chunks = -(-n_drawn // CHUNK)
    for start in range(0, n_chunks, N_TOGETHER):
        share(part, min(N_TOGETHER, n_chunks - start), 4)
        yield
    tiles = listed(found, rays.width, rays.height)
    yield
    return SplatPicture(rays, found, tiles, with_normals, int(found.counts.sum()))


def draw_splats(
    prepared: PreparedSplats, rays: RayGrid, *, with_normals: bool = False, is_smooth: bool = False
) -> Rendering:
    """Draw all of a scene at once; two calls are bit-equal."""
    return result_of(_drawn(prepared, rays, with_normals, is_smooth))


def _drawn(
    prepared: PreparedSplats, rays: RayGrid, with_normals: bool, is_smooth: bool
) -> Generator[None, None, Rendering]:
    picture = yield from placed(prepared, rays, with_normals=with_normals, is_smooth=is_smooth)
    return (yield from picture.drawn())


@dataclass(frozen=True, eq=False)
class SplatDraft:
    """A picture of a camera that moves.

    Attributes:
        share: the part of all splats that it is made from, 0..1.
    """

    rendering: Rendering
    share: float


class SplatDrawing:
    """Draws one scene, and learns on the way how many splats there is time for."""

    def __init__(self, prepared: PreparedSplats) -> None:
        self.prepared = prepared
        self._cost_s = FIRST_COST_S
        self._n_classes = 0

    def draft(
        self, rays: RayGrid, budget_s: float, *, with_normals: bool = False, is_smooth: bool = False
    ) -> SplatDraft:
        """Draw the most important splats, as many as there is time for in `budget_s`."""
        n_classes = self._classes_for(budget_s)
        n_drawn = self.prepared.ends[n_classes - 1]
        started = time.perf_counter()
        picture = result_of(
            placed(self.prepared, rays, with_normals=with_normals, n_classes=n_classes, is_smooth=is_smooth)
        )
        found = result_of(picture.drawn())
        seconds = time.perf_counter() - started
        self._cost_s = MEMORY * self._cost_s + (1 - MEMORY) * seconds / max(n_drawn, 1)
        return SplatDraft(found, n_drawn / max(len(self.prepared), 1))

    def _classes_for(self, budget_s: float) -> int:
        wanted = budget_s / self._cost_s / max(len(self.prepared), 1) * N_CLASSES
        if not self._n_classes or abs(wanted - self._n_classes - 0.5) > STAYING:
            self._n_classes = min(max(int(wanted), 1), N_CLASSES)
        return self._n_classes

    def resting(
        self, rays: RayGrid, *, with_normals: bool = False, is_smooth: bool = False
    ) -> Iterator[Rendering | None]:
        """Draw all of them; None wherever others may have a turn, then the picture."""
        yield (yield from _with_turns(_drawn(self.prepared, rays, with_normals, is_smooth)))


def _with_turns(work: Generator[None, None, Rendering]) -> Generator[Rendering | None, None, Rendering]:
    return (yield from work)
