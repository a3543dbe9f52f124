"""Draws a baked field: rays that leap over empty blocks and read bricks in between."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.camera.ray import RayGrid, Rendering
from ...shared.threads import share
from .brick_code import add_corners, weigh_corners
from .bricks import N_BYTES, N_FEATURES, N_POINTS, SIDE, BrickVolume, table_place

FloatArray = npt.NDArray[np.float32]

TILE: Final = 16
_N_PARTS: Final = 24  # of a picture, that threads take one after the other
_ROW: Final = N_POINTS
_SLICE: Final = N_POINTS * N_POINTS
_BRICK: Final = N_POINTS**3
_PER_BYTE: Final = 8  # entries of the table of opacities for each step of a byte
_F, _U = np.float32, np.uint64
_ZERO, _ONE, _BYTE = _F(0), _F(1), _F(1 / 255)
_SEEN: Final = _F(0.5)  # of 255: less opacity than this is not worth its colour
_OPAQUE: Final = _F(1 / 255)  # the transmittance at which a ray ends
_MARKED: Final = _F(1 / 64)  # of a pixel: a block that adds more to one is seen
_TINY: Final = _F(1e-9)


class Bricks(NamedTuple):
    """A volume and a view as kernels read them: places in voxels, bytes in one row."""

    numbers: npt.NDArray[np.int32]
    leap: npt.NDArray[np.uint8]
    opacity: npt.NDArray[np.uint8]
    colour: npt.NDArray[np.uint8]
    head: FloatArray
    alphas: FloatArray
    seen: npt.NDArray[np.uint8]
    origin: FloatArray
    to_direction: FloatArray
    near: np.float32
    step: np.float32
    voxel: np.float32


class BrickRendering(NamedTuple):
    """The arrays of a Rendering."""

    colour: FloatArray
    opacity: FloatArray
    depth: FloatArray
    normal: FloatArray
    n_samples: npt.NDArray[np.uint16]


def draw_baked(
    volume: BrickVolume,
    rays: RayGrid,
    shift: tuple[float, float] = (0.5, 0.5),
    *,
    step: float = 1.0,
    with_normals: bool = True,
) -> Rendering:
    """Draw the whole picture; two calls are bit-equal.

    Args:
        shift: where in its pixel a ray goes through (x, y in 0..1).
        step: distance of the samples in voxels; 2 is a draft.
        with_normals: whether normals are wanted; else they are zeros.
    """
    found = _nothing_found(rays)
    _draw_all(_bricks(volume, rays, shift, step, np.zeros((0, 0, 0), np.uint8)), rays, found, with_normals)
    return Rendering(*found)


def mark_seen(volume: BrickVolume, rays: RayGrid, seen: npt.NDArray[np.uint8]) -> None:
    """Write 1 into `seen`, which has the shape of `volume.leap`, for each block that adds to this picture."""
    found = _nothing_found(rays)
    _draw_all(_bricks(volume, rays, (0.5, 0.5), 1.0, seen), rays, found, False)


def _draw_all(bricks: Bricks, rays: RayGrid, found: BrickRendering, with_normals: bool) -> None:
    n_tiles = -(-rays.width // TILE) * -(-rays.height // TILE)

    def part(first: int, last: int) -> None:
        _draw(bricks, found, with_normals, first, last)

    share(part, n_tiles, max(1, n_tiles // _N_PARTS))


def _nothing_found(rays: RayGrid) -> BrickRendering:
    size = rays.height, rays.width
    plane = np.empty((2, *size), np.float32)
    normal = np.zeros((*size, 3), np.float32)
    return BrickRendering(np.empty((*size, 3), np.float32), plane[0], plane[1], normal, np.empty(size, np.uint16))


def _bricks(
    volume: BrickVolume, rays: RayGrid, shift: tuple[float, float], step: float, seen: npt.NDArray[np.uint8]
) -> Bricks:
    voxel = np.float32(volume.voxel)
    to_direction = np.ascontiguousarray(rays.to_direction, np.float32).copy()
    to_direction[:, 2] += to_direction[:, :2] @ np.array(shift, np.float32)
    clear = 1 - np.arange(255 * _PER_BYTE + 2) / (255 * _PER_BYTE)
    alphas = (1 - np.maximum(clear, 0) ** step).astype(np.float32)
    return Bricks(
        volume.index,
        volume.leap,
        volume.opacity.reshape(-1),
        volume.colour.reshape(-1),
        _flat_head(volume),
        alphas,
        seen,
        ((rays.origin - volume.low) / voxel).astype(np.float32),
        to_direction,
        np.float32(rays.near / voxel),
        np.float32(step),
        voxel,
    )


def _flat_head(volume: BrickVolume) -> FloatArray:
    """The head (625, 24), 8 numbers for each of red, green and blue, so that it is read by vector instructions."""
    head = np.zeros((SIDE, SIDE, 3, N_BYTES), np.float32)
    head[..., : 1 + N_FEATURES] = volume.head.transpose(0, 1, 3, 2)
    return head.reshape(SIDE * SIDE, 3 * N_BYTES)


@kernel(fast_math=True)
def _draw(bricks: Bricks, found: BrickRendering, with_normals: bool, first: int, last: int) -> None:
    """Draw the tiles from `first` to `last` - 1, row by row of them."""
    height, width = found.opacity.shape
    n_columns = (width + TILE - 1) // TILE
    sums, effects = np.zeros(N_BYTES, np.float32), np.zeros(3 * N_BYTES, np.float32)
    for tile in range(first, last):
        top, left = tile // n_columns * TILE, tile % n_columns * TILE
        for row in range(top, min(top + TILE, height)):
            for column in range(left, min(left + TILE, width)):
                _draw_pixel(bricks, found, with_normals, row, column, sums, effects)


@kernel(fast_math=True)
def _draw_pixel(bricks, found, with_normals, row, column, sums, effects):
    m, u, v = bricks.to_direction, _F(column), _F(row)
    dx = m[0, 0] * u + m[0, 1] * v + m[0, 2]
    dy = m[1, 0] * u + m[1, 1] * v + m[1, 2]
    dz = m[2, 0] * u + m[2, 1] * v + m[2, 2]
    scale = _ONE / np.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = _sure(dx * scale), _sure(dy * scale), _sure(dz * scale)
    sums[:] = _ZERO
    clear, far, gx, gy, gz, n = _march(bricks, dx, dy, dz, with_normals, sums)
    covered = _ONE - clear
    found.opacity[row, column] = covered
    found.n_samples[row, column] = n
    found.depth[row, column] = far / max(covered, _TINY) * bricks.voxel
    found.colour[row, column] = _ZERO
    if covered <= _ZERO:
        return
    _find_colour(bricks.head, dx, dy, dz, covered, sums, effects, found.colour[row, column])
    if with_normals:
        length = -_ONE / (np.sqrt(gx * gx + gy * gy + gz * gz) + _TINY)
        normal = found.normal[row, column]
        normal[0], normal[1], normal[2] = gx * length, gy * length, gz * length


@kernel(fast_math=True)
def _find_colour(head, dx, dy, dz, covered, sums, effects, colour):
    """Add to the colour what the features do in this direction."""
    u, v = table_place(dx, dy, dz)
    i, j = _entry(u), _entry(v)
    x, y, at = u - _F(i), v - _F(j), j * SIDE + i
    first, second, third, fourth = head[at], head[at + 1], head[at + SIDE], head[at + SIDE + 1]
    a, b, c, d = (_ONE - x) * (_ONE - y), x * (_ONE - y), (_ONE - x) * y, x * y
    for n in range(_U(3 * N_BYTES)):
        effects[n] = a * first[n] + b * second[n] + c * third[n] + d * fourth[n]
    for channel in range(3):
        seen = sums[channel] + covered * effects[N_BYTES * channel]
        for k in range(N_FEATURES):
            seen += sums[3 + k] * effects[N_BYTES * channel + 1 + k]
        colour[channel] = min(max(seen, _ZERO), covered)


@kernel(fast_math=True)
def _entry(place):
    """The entry of the table before a place, never its last one."""
    return min(np.int64(place), SIDE - 2)


@kernel(fast_math=True)
def _sure(part):
    """A part of a direction by which one may divide."""
    return part if abs(part) > _TINY else _TINY


@kernel(fast_math=True)
def _march(bricks, dx, dy, dz, with_normals, sums):
    """Go along a ray in voxels, adding to `sums`; returns transmittance, Σ w t, Σ w gradient (3), samples."""
    ox, oy, oz = bricks.origin[0], bricks.origin[1], bricks.origin[2]
    ix, iy, iz = _ONE / dx, _ONE / dy, _ONE / dz
    n_z, n_y, n_x = bricks.numbers.shape
    x0, x1 = -ox * ix, (_F(8 * n_x) - ox) * ix
    y0, y1 = -oy * iy, (_F(8 * n_y) - oy) * iy
    z0, z1 = -oz * iz, (_F(8 * n_z) - oz) * iz
    first = max(min(x0, x1), min(y0, y1), min(z0, z1), bricks.near)
    last = min(max(x0, x1), max(y0, y1), max(z0, z1))
    step, per_step = bricks.step, _ONE / bricks.step
    clear, far, gx, gy, gz, n = _ONE, _ZERO, _ZERO, _ZERO, _ZERO, 0
    number, end = np.int64(first * per_step) + 1, np.int64(last * per_step) + 1
    if first >= last:
        return clear, far, gx, gy, gz, n
    up_x, up_y, up_z = np.int64(dx > _ZERO), np.int64(dy > _ZERO), np.int64(dz > _ZERO)
    while number < end:
        t = _F(number) * step
        x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
        cx, cy, cz = np.int64(x), np.int64(y), np.int64(z)
        away = np.int64(bricks.leap[_U(cz >> 1), _U(cy >> 1), _U(cx >> 1)])
        if away:
            tx = (_F(_edge(cx, away, up_x)) - ox) * ix
            ty = (_F(_edge(cy, away, up_y)) - oy) * iy
            tz = (_F(_edge(cz, away, up_z)) - oz) * iz
            number = max(number, np.int64(min(tx, ty, tz) * per_step)) + 1
            continue
        number += 1
        n += 1
        brick = np.int64(bricks.numbers[_U(cz >> 3), _U(cy >> 3), _U(cx >> 3)])
        at = brick * _BRICK + (cz & 7) * _SLICE + (cy & 7) * _ROW + (cx & 7)
        fx, fy, fz = x - _F(cx), y - _F(cy), z - _F(cz)
        corners = weigh_corners(bricks.opacity, at, fx, fy, fz)
        a, b, c, d, e, f, g, h = corners
        value = ((a + b) + (c + d)) + ((e + f) + (g + h))
        if value <= _SEEN:
            continue
        weight = clear * bricks.alphas[_U(value * _F(_PER_BYTE) + _F(0.5))]
        add_corners(sums, bricks.colour, at, corners, weight * _BYTE / value)
        far += weight * t
        if bricks.seen.size and weight > _MARKED:
            bricks.seen[cz >> 1, cy >> 1, cx >> 1] = 1
        if with_normals:
            nx, ny, nz = _gradient(bricks.opacity, at, fx, fy, fz)
            length = weight / (np.sqrt(nx * nx + ny * ny + nz * nz) + _TINY)
            gx, gy, gz = gx + nx * length, gy + ny * length, gz + nz * length
        clear -= weight
        if clear < _OPAQUE:
            break
    return clear, far, gx, gy, gz, n


@kernel(fast_math=True)
def _edge(cell, away, up):
    """Where a leap ends along one axis: the far side of the empty blocks round the one of this cell."""
    return ((cell >> 1) + 1 - away + up * (2 * away - 1)) * 2


@kernel(fast_math=True)
def _gradient(opacity, at, fx, fy, fz):
    """How opacity grows along x, y and z inside a cell."""
    a, b = _byte(opacity, at), _byte(opacity, at + 1)
    c, d = _byte(opacity, at + _ROW), _byte(opacity, at + _ROW + 1)
    e, f = _byte(opacity, at + _SLICE), _byte(opacity, at + _SLICE + 1)
    g, h = _byte(opacity, at + _SLICE + _ROW), _byte(opacity, at + _SLICE + _ROW + 1)
    lx, ly, lz = _ONE - fx, _ONE - fy, _ONE - fz
    along_x = ((b - a) * ly + (d - c) * fy) * lz + ((f - e) * ly + (h - g) * fy) * fz
    along_y = ((c - a) * lx + (d - b) * fx) * lz + ((g - e) * lx + (h - f) * fx) * fz
    along_z = ((e - a) * lx + (f - b) * fx) * ly + ((g - c) * lx + (h - d) * fx) * fy
    return along_x, along_y, along_z


@kernel(fast_math=True)
def _byte(array, at):
    """One of an array that is sure to hold it: unsigned, so that nothing is counted from the end."""
    return _F(array[_U(at)])
