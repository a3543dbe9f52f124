"""Where splats lie in a picture: each becomes an ellipse with a depth and a colour (Zwicker et al. 2002).

Along a row of pixels at height dy above its middle, the logarithm of a splat's opacity at x is

    peak + fall_y dy^2 + fall_x (x - u - lean dy)^2

which keeps its digits for needles, as the usual form by the inverse of the covariance does not.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.camera.ray import RayGrid
from .harmonics import fill_basis
from .prepared import LOG_LEAST, SplatArrays

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]

BLUR: Final = 0.3
"""Square pixels that are added to each splat's variance, as in the paper's program: none falls between pixels."""
CHUNK: Final = 2048
"""Splats that are projected together; those of them that are seen lie at the beginning of the chunk's part."""
N_CHUNKS: Final = 8
"""Chunks of one part, which a thread projects at a time."""
TILE: Final = 16
"""Pixels along a side of a tile: a row of one is one vector of the widest kind."""
N_RECORD: Final = 16
U, V, FALL_X, LEAN, FALL_Y, PEAK, RED, GREEN, BLUE, DEPTH, HALF_X, HALF_Y, NORMAL = range(13)
"""Of a splat's record: its middle in pixels, its falls, the logarithm of its opacity, its colour, how far it is along
the axis, half its width and height as far as it is drawn, and its normal (3)."""
_LOG_LEAST: Final = np.float32(LOG_LEAST)
_MARGIN: Final = 0.15  # of the picture: splats beyond are as stretched as there, as in the paper's program
_F = np.float32
_ZERO, _HALF, _ONE = _F(0), _F(0.5), _F(1)


class Sight(NamedTuple):
    """A camera as kernels need it.

    Attributes:
        origin: float32 (3,).
        to_picture: float32 (3, 3), from the world's axes to (x z, y z, z) with x and y in pixels, z along the axis.
        size: float32 (6,), width, height, near, the blur in square pixels, by how much splats are larger than they are,
            and 1 where the blur takes opacity from small splats (Yu et al. 2024, "Mip-Splatting").
    """

    origin: FloatArray
    to_picture: FloatArray
    size: FloatArray


class Projected(NamedTuple):
    """Room for N splats in a picture, chunk by chunk.

    Attributes:
        records: float32 (N, 16), of those that are seen; those of a chunk lie at the beginning of its part.
        numbers: int32 (N,), which splat each record is of.
        spans: uint16 (N, 4), the first and the last column and row of tiles in which each is seen.
        counts: int32 (chunks,), how many are seen of each.
        tile_counts: int32 (parts, rows, columns), how many of the splats that were projected together each tile shows.
    """

    records: FloatArray
    numbers: IntArray
    spans: npt.NDArray[np.uint16]
    counts: IntArray
    tile_counts: IntArray

    def for_picture(self, n_splats: int, width: int, height: int) -> "Projected":
        """The same room for the first splats in a picture of this size."""
        n_chunks = -(-n_splats // CHUNK)
        size = -(-n_chunks // N_CHUNKS), -(-height // TILE), -(-width // TILE)
        own = self.records[:n_splats], self.numbers[:n_splats], self.spans[:n_splats]
        return Projected(*own, np.zeros(n_chunks, np.int32), np.zeros(size, np.int32))


def sight_of(rays: RayGrid, near: float, growth: float = 1.0, is_smooth: bool = False) -> Sight:
    """The camera of some rays."""
    to_picture = np.linalg.inv(np.asarray(rays.to_direction, np.float64))
    to_picture /= np.linalg.norm(to_picture[2])
    size = [rays.width, rays.height, max(near, rays.near), BLUR, growth, float(is_smooth)]
    origin = np.ascontiguousarray(rays.origin, np.float32)
    return Sight(origin, np.ascontiguousarray(to_picture, np.float32), np.array(size, np.float32))


def room_for(n_splats: int) -> Projected:
    """Room for so many splats in any picture."""
    records, numbers = np.empty((n_splats, N_RECORD), np.float32), np.empty(n_splats, np.int32)
    none = np.zeros(0, np.int32)
    return Projected(records, numbers, np.empty((n_splats, 4), np.uint16), none, none.reshape(0, 0, 0))


@kernel(fast_math=True)
def project(splats: SplatArrays, sight: Sight, found: Projected, with_normals: bool, part: int) -> None:
    """Project the chunks of one part."""
    n_splats, n_chunks = len(found.numbers), len(found.counts)
    basis, tile_counts = np.zeros(16, np.float32), found.tile_counts[part]
    for chunk in range(part * N_CHUNKS, min((part + 1) * N_CHUNKS, n_chunks)):
        at = chunk * CHUNK
        for number in range(at, min(at + CHUNK, n_splats)):
            record = found.records[at]
            if _place(splats, sight, number, record) and _count(record, sight, found.spans[at], tile_counts):
                _colour(splats, sight, number, basis, record)
                if with_normals:
                    _turn(splats, sight, number, record)
                found.numbers[at] = number
                at += 1
        found.counts[chunk] = at - chunk * CHUNK


# Without fast_math: these are asked when splats are counted and when they are listed, and must give the same each time.


@kernel()
def _count(record, sight, span, tile_counts):
    """Write in which tiles a splat is seen, and count it there; False where no pixel's middle is within it."""
    left, right = pixel_range(record[U], record[HALF_X], 0, np.int64(sight.size[0]))
    top, bottom = pixel_range(record[V], record[HALF_Y], 0, np.int64(sight.size[1]))
    if left > right or top > bottom:
        return False
    span[0], span[1], span[2], span[3] = left // TILE, right // TILE, top // TILE, bottom // TILE
    for row in range(top // TILE, bottom // TILE + 1):
        first, last = tile_columns(record, span, row, tile_counts.shape[1])
        for column in range(first, last + 1):
            tile_counts[row, column] += 1
    return True


@kernel(is_inner=True)
def pixel_range(middle, half, low, high):
    """The first and the last pixel from `low` to `high` - 1 whose middle is within `half` of a place."""
    first = np.ceil(max(middle - half, _F(low)) - _HALF)
    last = np.floor(min(middle + half, _F(high)) - _HALF)
    return max(np.int64(first), low), min(np.int64(last), high - 1)


@kernel(is_inner=True)
def tile_columns(record, span, row, n_columns):
    """The first and last tile of a row of tiles that a splat reaches."""
    left, right = np.int64(span[0]), np.int64(span[1])
    if left == right or span[2] == span[3]:
        return left, right
    above, below = _F(row * TILE) - record[V], _F((row + 1) * TILE) - record[V]
    farthest = record[LEAN] * record[HALF_Y] * record[HALF_Y] / record[HALF_X]
    on_right, on_left = min(max(farthest, above), below), min(max(-farthest, above), below)
    end = record[U] + record[LEAN] * on_right + _half_width(record, on_right)
    start = record[U] + record[LEAN] * on_left - _half_width(record, on_left)
    if end < start:
        return 0, -1
    first, last = pixel_range((start + end) * _HALF, (end - start) * _HALF, 0, n_columns * TILE)
    return max(first // TILE, left), min(last // TILE, right)


@kernel(is_inner=True)
def _half_width(record, dy):
    """Half the width of a splat at some height."""
    left = record[PEAK] + _LOG_LEAST + record[FALL_Y] * dy * dy
    return np.sqrt(max(left, _ZERO) / -record[FALL_X])


@kernel(fast_math=True)
def _place(splats, sight, number, record):
    """Write where a splat is and how large; False where it is not seen."""
    m, size, f = sight.to_picture, sight.size, splats.factors[number]
    x = splats.centres[number, 0] - sight.origin[0]
    y = splats.centres[number, 1] - sight.origin[1]
    z = splats.centres[number, 2] - sight.origin[2]
    depth = m[2, 0] * x + m[2, 1] * y + m[2, 2] * z
    if depth <= size[2]:
        return False
    inverse = _ONE / depth
    u = (m[0, 0] * x + m[0, 1] * y + m[0, 2] * z) * inverse
    v = (m[1, 0] * x + m[1, 1] * y + m[1, 2] * z) * inverse
    near_u, near_v = within(u, size[0]), within(v, size[1])
    scale = inverse * size[4]
    a0, a1 = (m[0, 0] - near_u * m[2, 0]) * scale, (m[0, 1] - near_u * m[2, 1]) * scale
    a2, b0 = (m[0, 2] - near_u * m[2, 2]) * scale, (m[1, 0] - near_v * m[2, 0]) * scale
    b1, b2 = (m[1, 1] - near_v * m[2, 1]) * scale, (m[1, 2] - near_v * m[2, 2]) * scale
    p0, p1 = a0 * f[0] + a1 * f[3] + a2 * f[6], a0 * f[1] + a1 * f[4] + a2 * f[7]
    p2, q0 = a0 * f[2] + a1 * f[5] + a2 * f[8], b0 * f[0] + b1 * f[3] + b2 * f[6]
    q1, q2 = b0 * f[1] + b1 * f[4] + b2 * f[7], b0 * f[2] + b1 * f[5] + b2 * f[8]
    sharp_xx, xy, sharp_yy = p0 * p0 + p1 * p1 + p2 * p2, p0 * q0 + p1 * q1 + p2 * q2, q0 * q0 + q1 * q1 + q2 * q2
    c0, c1, c2 = p1 * q2 - p2 * q1, p2 * q0 - p0 * q2, p0 * q1 - p1 * q0
    sharp, blur = c0 * c0 + c1 * c1 + c2 * c2, size[3]
    xx, yy = sharp_xx + blur, sharp_yy + blur
    area = sharp + blur * (sharp_xx + sharp_yy) + blur * blur  # the determinant, without a difference
    peak = splats.log_opacities[number]
    if size[5] > _ZERO:
        peak += _HALF * np.log(max(sharp / area, _F(1e-12)))
    reach = _F(2) * (peak + _LOG_LEAST)
    if reach <= _ZERO:
        return False
    half_x, half_y = np.sqrt(reach * xx), np.sqrt(reach * yy)
    record[U], record[V], record[DEPTH], record[PEAK] = u, v, depth, peak
    record[FALL_X], record[LEAN], record[FALL_Y] = -_HALF * yy / area, xy / yy, -_HALF / yy
    record[HALF_X], record[HALF_Y] = half_x, half_y
    return True


@kernel(fast_math=True, is_inner=True)
def within(place, length):
    """A place along an axis of the picture, brought as near to it as splats are stretched."""
    margin = _F(_MARGIN) * length
    return min(max(place, -margin), length + margin)


@kernel(fast_math=True)
def _colour(splats, sight, number, basis, record):
    x = splats.centres[number, 0] - sight.origin[0]
    y = splats.centres[number, 1] - sight.origin[1]
    z = splats.centres[number, 2] - sight.origin[2]
    scale = _ONE / np.sqrt(x * x + y * y + z * z)
    n = splats.harmonics.shape[1]
    fill_basis(n, x * scale, y * scale, z * scale, basis)
    red, green, blue = _HALF, _HALF, _HALF
    harmonics = splats.harmonics[number]
    for k in range(n):
        red += basis[k] * harmonics[k, 0]
        green += basis[k] * harmonics[k, 1]
        blue += basis[k] * harmonics[k, 2]
    record[RED], record[GREEN], record[BLUE] = max(red, _ZERO), max(green, _ZERO), max(blue, _ZERO)


@kernel(fast_math=True)
def _turn(splats, sight, number, record):
    """Write the shortest axis, turned towards the camera."""
    f = splats.factors[number]
    best, least = 0, _F(3e38)
    for axis in range(3):
        square = f[axis] * f[axis] + f[axis + 3] * f[axis + 3] + f[axis + 6] * f[axis + 6]
        if square < least:
            best, least = axis, square
    x, y, z = f[best], f[best + 3], f[best + 6]
    centre, eye = splats.centres[number], sight.origin
    towards = (eye[0] - centre[0]) * x + (eye[1] - centre[1]) * y + (eye[2] - centre[2]) * z
    scale = (_ONE if towards > _ZERO else -_ONE) / np.sqrt(max(least, _F(1e-30)))
    record[NORMAL], record[NORMAL + 1], record[NORMAL + 2] = x * scale, y * scale, z * scale
