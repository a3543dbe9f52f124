"""Draws a scene of splats: all of them at rest, as many as there is time for while it moves."""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.pausing import result_of

from ...shared.band import empty_rendering
from ...shared.camera.ray import RayGrid, Rendering
from ...shared.resolution import FrameCost
from ...shared.threads import share
from .blend import blend, to_length_of
from .prepared import N_CLASSES, PreparedSplats
from .projection import TILE, Projected, project, room_for, sight_of
from .tiles import N_TOGETHER, TileList, bands_of_tiles, listed

N_ENTRIES: Final = 500_000
"""Splats, each counted once a tile, that are laid between two looks at what else is wanted."""
MOST_GROWTH: Final = 1.5
"""By how much splats grow at most where others are left out."""
FIRST_COST_S: Final = 2e-7
"""For each splat of a draft, before any was drawn."""
STAYING: Final = 0.75
"""Classes that would have to come or go before the share of a draft changes: it does not flicker."""


@dataclass(frozen=True, eq=False)
class SplatPicture:
    """A picture whose splats are in place, so that any of its rows can be drawn.

    Attributes:
        n_seen: splats that are seen in it.
    """

    rays: RayGrid
    projected: Projected
    with_normals: bool
    n_seen: int

    def drawn(self) -> Generator[None, None, Rendering]:
        """Draw it, row of tiles by row of tiles."""
        return self.rows(0, self.rays.height)

    def rows(self, first_row: int, last_row: int) -> Generator[None, None, Rendering]:
        """Draw the rows of pixels from `first_row` to `last_row` - 1; what is returned has no others."""
        found = empty_rendering(self.rays.width, self.rays.height)
        planes = np.zeros((2, self.rays.height, self.rays.width), np.float32)
        for first, last in bands_of_tiles(self.projected, first_row // TILE, -(-last_row // TILE)):
            tiles = yield from listed(self.projected, first, last)
            yield from self._draw(found, planes, tiles, (first, last))
        own = slice(first_row, last_row)
        parts = found.colour[own], planes[0, own], planes[1, own], found.normal[own], found.n_samples[own]
        return Rendering(*parts)

    def _draw(
        self, found: Rendering, planes: npt.NDArray[np.float32], tiles: TileList, rows: tuple[int, int]
    ) -> Generator[None, None, None]:
        """Draw some rows of tiles, some at a time."""
        to_length, records = to_length_of(self.rays), self.projected.records
        into = found.colour, planes, found.normal, found.n_samples
        n_columns = -(-self.rays.width // TILE)
        row_ends = tiles.starts[::n_columns]
        first, with_normals = rows[0], self.with_normals
        for row in range(rows[0] + 1, rows[1] + 1):
            if row_ends[row] - row_ends[first] >= N_ENTRIES or row == rows[1]:
                start, n_tiles = first * n_columns, (row - first) * n_columns

                def part(a: int, b: int, start: int = start) -> None:
                    blend(records, tiles, to_length, *into, with_normals, start + a, start + b)

                share(part, n_tiles, max(1, n_tiles // 48))
                first = row
                yield


def placed(
    prepared: PreparedSplats,
    rays: RayGrid,
    room: Projected,
    *,
    with_normals: bool = False,
    n_classes: int = N_CLASSES,
    is_smooth: bool = False,
) -> Generator[None, None, SplatPicture]:
    """Put the splats of the first classes into a picture; those that are left out are made up for by larger ones.

    Args:
        room: for all splats of the scene; it is written to, and read when the picture is drawn.
    """
    n_drawn, weight = prepared.ends[n_classes - 1], prepared.weights[n_classes - 1]
    growth = min(1 / math.sqrt(max(weight, 1e-6)), MOST_GROWTH) if n_classes < N_CLASSES else 1.0
    sight = sight_of(rays, prepared.near, growth, is_smooth)
    found = room.for_picture(n_drawn, rays.width, rays.height)
    n_parts = len(found.tile_counts)

    def project_parts(first: int, last: int) -> None:
        for part in range(start + first, start + last):
            project(prepared.arrays, sight, found, with_normals, part)

    for start in range(0, n_parts, N_TOGETHER):
        share(project_parts, min(N_TOGETHER, n_parts - start), 1)
        yield
    return SplatPicture(rays, found, with_normals, int(found.counts.sum()))


def draw_splats(
    prepared: PreparedSplats, rays: RayGrid, *, with_normals: bool = False, is_smooth: bool = False
) -> Rendering:
    """Draw all of a scene at once; two calls are bit-equal."""
    picture = result_of(placed(prepared, rays, room_for(len(prepared)), with_normals=with_normals, is_smooth=is_smooth))
    return result_of(picture.drawn())


class SplatRows:
    """Draws rows of pictures of a scene, as `Steps` asks for them; the splats of a picture are placed once."""

    def __init__(self, prepared: PreparedSplats, *, with_normals: bool = False) -> None:
        self._prepared = prepared
        self._with_normals = with_normals
        self._picture: SplatPicture | None = None

    def __call__(self, rays: RayGrid, first: int, last: int) -> Rendering:
        """The rows `first` to `last` - 1 of a picture."""
        if self._picture is None or self._picture.rays is not rays:
            room = room_for(len(self._prepared))
            self._picture = result_of(placed(self._prepared, rays, room, with_normals=self._with_normals))
        return result_of(self._picture.rows(first, last))


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
        self._cost = FrameCost()
        self._n_classes = 0
        self._rooms: list[Projected] = []

    def draft(
        self, rays: RayGrid, budget_s: float, *, with_normals: bool = False, is_smooth: bool = False
    ) -> SplatDraft:
        """Draw the most important splats, as many as there is time for in `budget_s`."""
        n_classes, room = self._classes_for(budget_s), self._room()
        n_drawn = self.prepared.ends[n_classes - 1]
        started = time.perf_counter()
        placing = placed(self.prepared, rays, room, with_normals=with_normals, n_classes=n_classes, is_smooth=is_smooth)
        found = result_of(result_of(placing).drawn())
        self._rooms.append(room)
        seconds = time.perf_counter() - started
        self._cost.note(n_drawn, seconds)
        return SplatDraft(found, n_drawn / max(len(self.prepared), 1))

    def _room(self) -> Projected:
        """Room of which no other picture is drawn just now; new room takes the system as long as drawing does."""
        return self._rooms.pop() if self._rooms else room_for(len(self.prepared))

    def _classes_for(self, budget_s: float) -> int:
        n_splats = self._cost.rays(budget_s) if self._cost.is_known else budget_s / FIRST_COST_S
        wanted = n_splats / max(len(self.prepared), 1) * N_CLASSES
        if not self._n_classes or abs(wanted - self._n_classes - 0.5) > STAYING:
            self._n_classes = min(max(int(wanted), 1), N_CLASSES)
        return self._n_classes

    def resting(
        self, rays: RayGrid, *, with_normals: bool = False, is_smooth: bool = False
    ) -> Generator[Rendering | None, None, None]:
        """Draw all of them; None wherever others may have a turn, then the picture."""
        room = self._room()
        try:
            picture = yield from placed(self.prepared, rays, room, with_normals=with_normals, is_smooth=is_smooth)
            yield (yield from picture.drawn())
        finally:
            self._rooms.append(room)
