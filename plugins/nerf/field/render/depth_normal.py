"""Normals of what a picture shows, from how its distances change from pixel to pixel."""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .march import Rays, aim

FloatArray = npt.NDArray[np.float32]

REACH: Final = 4
"""A pixel's normal asks no pixel farther off than this."""
_LEAST_OPACITY = np.float32(1 / 16)
_BEND = np.float32(4)
_NONE = np.float32(1e30)
_F = np.float32


@kernel(fast_math=True)
def depth_normals(
    rays: Rays, depth: FloatArray, opacity: FloatArray, step: float, areas: npt.NDArray[np.int64], normal: FloatArray
) -> None:
    """Write unit normals (H, W, 3) towards the eye into some areas; 0 where opacity (H, W) is next to nothing.

    Args:
        rays: of pixel (0, 0) of the arrays and all others.
        depth: (H, W), distances along the rays.
        step: how far samples lie apart along a ray, so how exact distances are.
        areas: int64 (A, 4): first row, last row + 1, first column, last column + 1.
    """
    for area in range(len(areas)):
        for row in range(areas[area, 0], areas[area, 1]):
            for column in range(areas[area, 2], areas[area, 3]):
                out = normal[row, column]
                out[0] = out[1] = out[2] = _F(0)
                if opacity[row, column] >= _LEAST_OPACITY:
                    _write_normal(rays, depth, opacity, step, row, column, out)


@kernel(fast_math=True, is_inner=True)
def _write_normal(
    rays: Rays, depth: FloatArray, opacity: FloatArray, step: float, row: int, column: int, out: FloatArray
) -> None:
    m = rays.to_direction
    pitch = depth[row, column] * np.sqrt(m[0, 0] * m[0, 0] + m[1, 0] * m[1, 0] + m[2, 0] * m[2, 0])
    apart = min(max(int(np.ceil(_F(2 * step) / max(pitch, _F(1e-9)))), 1), REACH)
    ux, uy, uz = _change(rays, depth, opacity, row, column, 0, apart)
    vx, vy, vz = _change(rays, depth, opacity, row, column, apart, 0)
    x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    dx, dy, dz = aim(rays, row, column)
    length = np.sqrt(x * x + y * y + z * z)
    if length <= _F(1e-20):
        x, y, z, length = -dx, -dy, -dz, _F(1)
    sign = _F(-1) if x * dx + y * dy + z * dz > _F(0) else _F(1)
    scale = sign / length
    out[0], out[1], out[2] = x * scale, y * scale, z * scale


@kernel(fast_math=True, is_inner=True)
def _change(
    rays: Rays, depth: FloatArray, opacity: FloatArray, row: int, column: int, down: int, right: int
) -> tuple[np.float32, np.float32, np.float32]:
    """From a point of the surface to the next one: over both neighbours, or only the nearer one at an edge."""
    here = depth[row, column]
    before = _jump(depth, opacity, here, row - down, column - right)
    after = _jump(depth, opacity, here, row + down, column + right)
    farthest = max(before, after)
    is_even = farthest < _NONE and farthest <= _BEND * min(before, after) + _F(0.002) * here
    first, last = (1, 1) if is_even else (0, 0)
    if first == 0 and before < after:
        first = 1
    elif first == 0 and after < _NONE:
        last = 1
    a, b = row - first * down, column - first * right
    c, d = row + last * down, column + last * right
    if first + last == 0:
        return _F(0), _F(0), _F(0)
    ax, ay, az = aim(rays, a, b)
    bx, by, bz = aim(rays, c, d)
    near, far = depth[a, b], depth[c, d]
    return bx * far - ax * near, by * far - ay * near, bz * far - az * near


@kernel(fast_math=True, is_inner=True)
def _jump(depth: FloatArray, opacity: FloatArray, here: np.float32, row: int, column: int) -> np.float32:
    """How much farther or nearer a neighbour is; huge where there is none."""
    n_rows, n_columns = depth.shape
    if 0 <= row < n_rows and 0 <= column < n_columns and opacity[row, column] >= _LEAST_OPACITY:
        return abs(depth[row, column] - here)
    return _NONE
