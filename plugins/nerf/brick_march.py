"""Draws a baked field: rays that leap over empty blocks and read bricks in between."""

from typing import Final

import numpy as np
from numba import get_num_threads, prange

from studio.api.kernel import kernel

from .brick_code import add_corners, take_number
from .bricks import N_BYTES, N_DIRECTION, N_POINTS, BrickVolume
from .ray import RayGrid, Rendering
from .spherical_harmonics import harmonics

TILE: Final = 16
_ROW: Final = N_POINTS
_SLICE: Final = N_POINTS * N_POINTS
_BRICK: Final = N_POINTS**3
_ZERO, _ONE, _BYTE = np.float32(0), np.float32(1), np.float32(1 / 255)
_SEEN: Final = np.float32(0.5)  # of 255: less opacity than this is not worth its colour
_OPAQUE: Final = np.float32(1 / 255)  # the transmittance at which a ray ends
_TINY: Final = np.float32(1e-9)
_FAR: Final = np.float32(1e9)


def draw_baked(
    volume: BrickVolume, rays: RayGrid, shift: tuple[float, float] = (0.5, 0.5), *, step: float = 1.0,
    with_normals: bool = True,
) -> Rendering:
    """Draw the whole picture; two calls are bit-equal.

    Args:
        shift: where in its pixel a ray goes through (x, y in 0..1).
        step: distance of the samples in voxels; 2 is a draft.
        with_normals: whether normals are wanted; else they are zeros.
    """
    height, width = rays.height, rays.width
    colour = np.empty((height, width, 3), np.float32)
    opacity, depth = np.empty((2, height, width), np.float32)
    normal = np.zeros((height, width, 3), np.float32)
    n_samples = np.empty((height, width), np.uint16)
    voxel = np.float32(volume.voxel)
    to_direction = rays.to_direction.astype(np.float32)
    to_direction[:, 2] += to_direction[:, :2] @ np.array(shift, np.float32)
    origin = ((rays.origin - volume.low) / voxel).astype(np.float32)
    measures = np.array([rays.near / voxel, step, voxel], np.float32)
    _draw(
        volume.index, volume.leap, volume.opacity.reshape(-1), volume.colour.reshape(-1), volume.head,
        origin, np.ascontiguousarray(to_direction), measures, with_normals, np.zeros(1, np.int64),
        get_num_threads(),
        colour, opacity, depth, normal, n_samples,
    )
    return Rendering(colour, opacity, depth, normal, n_samples)


@kernel(parallel=True, fast_math=True)
def _draw(
    index, leap, opacities, colours, head, origin, to_direction, measures, with_normals, counter, n_threads,
    colour, opacity, depth, normal, n_samples,
):
    """Share the tiles out among the threads: who is free takes the next one."""
    height, width = opacity.shape
    n_columns = (width + TILE - 1) // TILE
    n_tiles = n_columns * ((height + TILE - 1) // TILE)
    for _ in prange(n_threads):
        sums = np.zeros(N_BYTES, np.float32)
        shares = np.zeros(N_DIRECTION, np.float32)
        tile = take_number(counter)
        while tile < n_tiles:
            top, left = tile // n_columns * TILE, tile % n_columns * TILE
            for row in range(top, min(top + TILE, height)):
                for column in range(left, min(left + TILE, width)):
                    _draw_pixel(
                        index, leap, opacities, colours, head, origin, to_direction, measures, with_normals,
                        row, column, sums, shares, colour, opacity, depth, normal, n_samples,
                    )
            tile = take_number(counter)


@kernel(fast_math=True)
def _draw_pixel(
    index, leap, opacities, colours, head, origin, to_direction, measures, with_normals, row, column, sums, shares,
    colour, opacity, depth, normal, n_samples,
):
    m, u, v = to_direction, np.float32(column), np.float32(row)
    dx = m[0, 0] * u + m[0, 1] * v + m[0, 2]
    dy = m[1, 0] * u + m[1, 1] * v + m[1, 2]
    dz = m[2, 0] * u + m[2, 1] * v + m[2, 2]
    scale = _ONE / np.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = _sure(dx * scale), _sure(dy * scale), _sure(dz * scale)
    sums[:] = _ZERO
    clear, far, gx, gy, gz, n = _march(
        index, leap, opacities, colours, origin[0], origin[1], origin[2], dx, dy, dz, measures[0], measures[1],
        with_normals, sums,
    )
    covered = _ONE - clear
    opacity[row, column] = covered
    n_samples[row, column] = n
    if covered <= _ZERO:
        depth[row, column] = _ZERO
        colour[row, column, 0] = colour[row, column, 1] = colour[row, column, 2] = _ZERO
        return
    depth[row, column] = far / covered * measures[2]
    harmonics(dx, dy, dz, shares)
    for c in range(3):
        seen = sums[c]
        for h in range(N_DIRECTION):
            part = covered * head[h, 0, c]
            for k in range(N_BYTES - 3):
                part += sums[3 + k] * head[h, 1 + k, c]
            seen += shares[h] * part
        colour[row, column, c] = min(max(seen, _ZERO), covered)
    if with_normals:
        length = _ONE / (np.sqrt(gx * gx + gy * gy + gz * gz) + _TINY)
        normal[row, column, 0] = -gx * length
        normal[row, column, 1] = -gy * length
        normal[row, column, 2] = -gz * length


@kernel(fast_math=True)
def _sure(part):
    """A part of a direction by which one may divide."""
    return part if abs(part) > _TINY else _TINY


@kernel(fast_math=True)
def _march(index, leap, opacities, colours, ox, oy, oz, dx, dy, dz, near, step, with_normals, sums):
    """Go along a ray in voxels; adds to `sums`; transmittance, Σ w t, Σ w gradient, samples."""
    n_z, n_y, n_x = index.shape
    n_x, n_y, n_z = 8 * n_x, 8 * n_y, 8 * n_z
    ix, iy, iz = _ONE / dx, _ONE / dy, _ONE / dz
    x0, x1 = -ox * ix, (np.float32(n_x) - ox) * ix
    y0, y1 = -oy * iy, (np.float32(n_y) - oy) * iy
    z0, z1 = -oz * iz, (np.float32(n_z) - oz) * iz
    first = max(min(x0, x1), min(y0, y1), min(z0, z1), near)
    last = min(max(x0, x1), max(y0, y1), max(z0, z1))
    clear = _ONE
    far = gx = gy = gz = _ZERO
    n = 0
    if first >= last:
        return clear, far, gx, gy, gz, n
    per_step = _ONE / step
    number, end = np.int64(first * per_step) + 1, np.int64(last * per_step) + 1
    up_x, up_y, up_z = dx > _ZERO, dy > _ZERO, dz > _ZERO
    while number < end:
        t = np.float32(number) * step
        x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
        cx, cy, cz = _cell(x, n_x), _cell(y, n_y), _cell(z, n_z)
        bx, by, bz = cx >> 1, cy >> 1, cz >> 1
        away = np.int64(leap[np.uint64(bz), np.uint64(by), np.uint64(bx)])
        if away > 0:
            tx = (np.float32((bx + (away if up_x else 1 - away)) * 2) - ox) * ix
            ty = (np.float32((by + (away if up_y else 1 - away)) * 2) - oy) * iy
            tz = (np.float32((bz + (away if up_z else 1 - away)) * 2) - oz) * iz
            number = max(number, np.int64(min(tx, ty, tz) * per_step)) + 1
            continue
        number += 1
        n += 1
        brick = np.int64(index[np.uint64(cz >> 3), np.uint64(cy >> 3), np.uint64(cx >> 3)])
        at = brick * _BRICK + (cz & 7) * _SLICE + (cy & 7) * _ROW + (cx & 7)
        fx, fy, fz = x - np.float32(cx), y - np.float32(cy), z - np.float32(cz)
        a, b = _byte(opacities, at), _byte(opacities, at + 1)
        c, d = _byte(opacities, at + _ROW), _byte(opacities, at + _ROW + 1)
        e, f = _byte(opacities, at + _SLICE), _byte(opacities, at + _SLICE + 1)
        g, h = _byte(opacities, at + _SLICE + _ROW), _byte(opacities, at + _SLICE + _ROW + 1)
        ab, cd, ef, gh = a + (b - a) * fx, c + (d - c) * fx, e + (f - e) * fx, g + (h - g) * fx
        abcd, efgh = ab + (cd - ab) * fy, ef + (gh - ef) * fy
        found = abcd + (efgh - abcd) * fz
        if found <= _SEEN:
            continue
        alpha = found * _BYTE
        if step != _ONE:
            alpha = _ONE - np.power(_ONE - alpha, step)
        weight = clear * alpha
        share = weight * _BYTE / found
        lx, ly, lz = (_ONE - fx), (_ONE - fy), (_ONE - fz) * share
        fz *= share
        a, b, c, d = a * lx * ly * lz, b * fx * ly * lz, c * lx * fy * lz, d * fx * fy * lz
        e, f, g, h = e * lx * ly * fz, f * fx * ly * fz, g * lx * fy * fz, h * fx * fy * fz
        add_corners(sums, colours, at * N_BYTES, (a, b, c, d, e, f, g, h))
        far += weight * t
        if with_normals:
            nx, ny, nz = _gradient(opacities, at, fx, fy, _ONE - lz / share)
            length = weight / (np.sqrt(nx * nx + ny * ny + nz * nz) + _TINY)
            gx, gy, gz = gx + nx * length, gy + ny * length, gz + nz * length
        clear -= weight
        if clear < _OPAQUE:
            break
    return clear, far, gx, gy, gz, n


@kernel(fast_math=True)
def _byte(array, at):
    """One of an array, which must hold it: unsigned, so that nothing is counted from the end."""
    return np.float32(array[np.uint64(at)])


@kernel(fast_math=True)
def _cell(place, n):
    """The cell of a place in voxels, kept inside the volume."""
    return min(max(np.int64(place), 0), n - 1)


@kernel(fast_math=True)
def _gradient(opacities, at, fx, fy, fz):
    """How opacity grows along x, y and z inside a cell."""
    a, b = _byte(opacities, at), _byte(opacities, at + 1)
    c, d = _byte(opacities, at + _ROW), _byte(opacities, at + _ROW + 1)
    e, f = _byte(opacities, at + _SLICE), _byte(opacities, at + _SLICE + 1)
    g, h = _byte(opacities, at + _SLICE + _ROW), _byte(opacities, at + _SLICE + _ROW + 1)
    lx, ly, lz = _ONE - fx, _ONE - fy, _ONE - fz
    along_x = ((b - a) * ly + (d - c) * fy) * lz + ((f - e) * ly + (h - g) * fy) * fz
    along_y = ((c - a) * lx + (d - b) * fx) * lz + ((g - e) * lx + (h - f) * fx) * fz
    along_z = ((e - a) * lx + (f - b) * fx) * ly + ((g - c) * lx + (h - d) * fx) * fy
    return along_x, along_y, along_z
