"""Draws a radiance field itself, at every sample of every ray: whole pictures, or coarse to fine in small pieces."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...shared.camera.ray import RayGrid, Rendering
from ...shared.threads import share
from ..model.field import RadianceField, RayColours, RayField
from .depth_normal import depth_normals
from .hash_field import HashField
from .march import Rays, Space, rays_of, space_of
from .ray_samples import composite, count_samples, pack_samples
from .wavefront import PassPicture, draw_blocks

IntArray = npt.NDArray[np.int64]
Shift = tuple[float, float]
Span = tuple[int, int]

SIDE: Final = 16
"""Pixels are drawn in squares of this side."""
N_TOGETHER: Final = 8
"""At most so many squares does a thread take at once."""
PIECE_S: Final = 0.03
"""How long one piece of `exact_passes` should take."""
COARSE: Final = (8, 4)
SLOW_COARSE: Final = (16, 8, 4, 2)
"""Sizes of pixel of the passes before the full one, for a hash grid and for other fields."""
_FIRST_PIECE: Final = 16
MAX_SAMPLES: Final = 1 << 17
"""So many samples of other fields are asked for at once."""
MIDDLE: Final[Shift] = (0.5, 0.5)


@dataclass(frozen=True, eq=False)
class Pass:
    """How far a picture has come.

    Attributes:
        rendering: at full size; its arrays are the same in every pass and go on being filled.
        fraction: of the work of this scale, 0..1.
        scale: side of its pixels; 1 for the last one.
    """

    rendering: Rendering
    fraction: float
    scale: int


def draw_exact(
    field: RadianceField,
    rays: RayGrid,
    rows: Span | None = None,
    columns: Span | None = None,
    shift: Shift = MIDDLE,
    *,
    with_normals: bool = True,
) -> Rendering:
    """Draw a tile, or the whole picture: rows and columns (first, last + 1); `shift` is the place in a pixel.

    Without normals, which only their own view shows, they are 0.
    """
    first_row, last_row = rows or (0, rays.height)
    first_column, last_column = columns or (0, rays.width)
    canvas = _Canvas(field, rays, shift, (first_row, last_row, first_column, last_column))
    blocks = _blocks(canvas.area)
    canvas.draw(blocks)
    if with_normals:
        canvas.draw_normals(blocks)
    return canvas.rendering


def exact_passes(field: RadianceField, rays: RayGrid, shift: Shift = MIDDLE) -> Iterator[Pass]:
    """Draw coarse to fine, from the centre outward; the last pass equals `draw_exact` bit for bit.

    Each pass takes about PIECE_S; the first one of all is as small as it can be.
    """
    whole = _Canvas(field, rays, shift, (0, rays.height, 0, rays.width))
    pace = _Pace()
    for scale in COARSE if isinstance(field, HashField) else SLOW_COARSE:
        if min(rays.width, rays.height) >= 8 * scale:
            coarse = _Canvas(
                field, _coarser(rays, scale), MIDDLE, (0, -(-rays.height // scale), 0, -(-rays.width // scale))
            )
            for fraction, blocks in pace.pieces(coarse):
                for block in blocks:
                    _enlarge(coarse.rendering, whole.rendering, block, scale)
                yield Pass(whole.rendering, fraction, scale)
    for fraction, _ in pace.pieces(whole):
        yield Pass(whole.rendering, fraction, 1)


def shifts(n: int) -> list[Shift]:
    """Places in a pixel for n pictures whose mean has smooth edges: the middle, then the R2 sequence (Roberts 2018)."""
    golden = 1.324717957244746
    return [((0.5 + i / golden) % 1.0, (0.5 + i / golden**2) % 1.0) for i in range(n)]


class _Canvas:
    """A part of a picture that is being drawn, in blocks of pixels.

    Attributes:
        rendering: what has been drawn. area: int64 (4,), first row, last row + 1, first column, last column + 1.
    """

    def __init__(self, field: RadianceField, rays: RayGrid, shift: Shift, area: tuple[int, int, int, int]) -> None:
        self._field = field
        self._rays: Rays = rays_of(rays, shift)
        self._space: Space = space_of(field.occupancy, field.step)
        self.area = np.array(area, np.int64)
        height, width = area[1] - area[0], area[3] - area[2]
        self.rendering = Rendering(
            np.zeros((height, width, 3), np.float32),
            np.zeros((height, width), np.float32),
            np.zeros((height, width), np.float32),
            np.zeros((height, width, 3), np.float32),
            np.zeros((height, width), np.uint16),
        )

    def draw(self, blocks: IntArray) -> None:
        """Draw blocks (B, 4) of pixels, but not their normals."""
        done = self.rendering
        picture = PassPicture(done.colour, done.opacity, done.depth, done.n_samples, self.area[0::2].copy())
        if isinstance(self._field, HashField):
            packed = self._field.packed

            def part(first: int, last: int) -> None:
                draw_blocks(packed, self._space, self._rays, blocks[first:last], picture)

            share(part, len(blocks), max(1, min(len(blocks) // 8, N_TOGETHER)))
        elif isinstance(self._field, RayField):
            for block in blocks:
                _draw_itself(self._field, self._rays, block, picture)
        else:
            for block in blocks:
                _draw_samples(self._field, self._space, self._rays, block, picture)

    def draw_normals(self, blocks: IntArray) -> None:
        """Work out the normals in blocks that were drawn, from all distances known by now."""
        done, first = self.rendering, self.area[0::2]
        m = self._rays.to_direction
        moved = m.copy()
        moved[:, 2] += m[:, 1] * np.float32(first[0]) + m[:, 0] * np.float32(first[1])
        rays, areas = self._rays._replace(to_direction=moved), blocks - first.repeat(2)

        def part(first: int, last: int) -> None:
            depth_normals(rays, done.depth, done.opacity, self._field.step, areas[first:last], done.normal)

        share(part, len(areas), N_TOGETHER)


class _Pace:
    """Cuts work into pieces that take PIECE_S each, by what the ones before took."""

    def __init__(self) -> None:
        self._seconds_per_block = 0.0

    def pieces(self, canvas: _Canvas) -> Iterator[tuple[float, IntArray]]:
        """Draw the blocks of a canvas from the centre outward; yields the part that is done and the newest blocks."""
        blocks = _blocks(canvas.area)
        done = 0
        while done < len(blocks):
            n = int(PIECE_S / self._seconds_per_block) if self._seconds_per_block else _FIRST_PIECE
            piece = blocks[done : done + max(1, n)]
            begin = time.perf_counter()
            canvas.draw(piece)
            self._seconds_per_block = (time.perf_counter() - begin) / len(piece)
            done += len(piece)
            canvas.draw_normals(piece if done < len(blocks) else blocks)  # all: neighbours have come since
            yield done / len(blocks), piece


def _coarser(rays: RayGrid, scale: int) -> RayGrid:
    """The rays through the middles of squares of `scale` pixels."""
    to_direction = rays.to_direction * np.array([scale, scale, 1], np.float32)
    return RayGrid(rays.origin, to_direction, -(-rays.width // scale), -(-rays.height // scale), rays.near, rays.fill)


def _blocks(area: IntArray) -> IntArray:
    """The squares of an area, int64 (B, 4), those in its middle first."""
    first_row, last_row, first_column, last_column = (int(value) for value in area)
    found = [
        (row, min(row + SIDE, last_row), column, min(column + SIDE, last_column))
        for row in range(first_row, last_row, SIDE)
        for column in range(first_column, last_column, SIDE)
    ]
    blocks = np.array(found, np.int64).reshape(-1, 4)
    middle = np.array([first_row + last_row, first_column + last_column])
    off = blocks[:, 0::2] + blocks[:, 1::2] - middle
    return blocks[np.argsort((off**2).sum(axis=1), kind="stable")]


def _enlarge(coarse: Rendering, full: Rendering, block: IntArray, scale: int) -> None:
    """Copy a block of a coarse picture to all pixels that it stands for."""
    a, b, c, d = (int(value) for value in block)
    for name in ("colour", "opacity", "depth", "normal", "n_samples"):
        target = getattr(full, name)[a * scale : b * scale, c * scale : d * scale]
        large = getattr(coarse, name)[a:b, c:d].repeat(scale, axis=0).repeat(scale, axis=1)
        target[:] = large[: target.shape[0], : target.shape[1]]


def _draw_itself(field: RayField, rays: Rays, block: IntArray, picture: PassPicture) -> None:
    """Draw a block of a field that knows best where to look along a ray."""
    m = rays.to_direction
    axis = np.cross(m[:, 0], m[:, 1])
    ahead = m * np.float32(np.linalg.norm(axis) / abs(m[:, 2] @ axis))  # to a plane one unit before the camera
    rows, columns = np.arange(block[0], block[1]), np.arange(block[2], block[3])
    y, x = np.meshgrid(rows + rays.start[2], columns + rays.start[1], indexing="ij")
    pixels = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3).astype(np.float32)
    _put(picture, block, field.draw_rays(rays.origin, pixels @ ahead.T, float(rays.start[0])))


def _draw_samples(field: RadianceField, space: Space, rays: Rays, block: IntArray, picture: PassPicture) -> None:
    """Draw a block of a field that answers for arrays of samples."""
    n_rays = int((block[1] - block[0]) * (block[3] - block[2]))
    counts = np.empty(n_rays, np.int64)
    count_samples(space, rays, block, counts)
    ends = np.cumsum(counts)
    n = int(ends[-1])
    positions, directions = np.empty((n, 3), np.float32), np.empty((n, 3), np.float32)
    t, length = np.empty(n, np.float32), np.empty(n, np.float32)
    pack_samples(space, rays, block, positions, directions, t, length)
    density, colour = np.empty(n, np.float32), np.empty((n, 3), np.float32)
    for first in range(0, n, MAX_SAMPLES):
        part = slice(first, first + MAX_SAMPLES)
        density[part], colour[part] = field.density_colour(positions[part], directions[part])
    out = np.empty((n_rays, 3), np.float32), np.empty(n_rays, np.float32), np.empty(n_rays, np.float32)
    found = RayColours(*out, counts)
    composite(density, colour, t, length, ends, found.colour, found.opacity, found.depth)
    _put(picture, block, found)


def _put(picture: PassPicture, block: IntArray, found: RayColours) -> None:
    """Write what a block's rays saw, row after row, to its pixels."""
    a, b, c, d = (int(value) for value in block - picture.first.repeat(2))
    picture.colour[a:b, c:d] = found.colour.reshape(b - a, d - c, 3)
    picture.opacity[a:b, c:d] = found.opacity.reshape(b - a, d - c)
    picture.depth[a:b, c:d] = found.depth.reshape(b - a, d - c)
    picture.n_samples[a:b, c:d] = found.n_samples.reshape(b - a, d - c).clip(max=65535)
