"""From the gradients of ellipses to those of the splats they are pictures of."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..render.harmonics import fill_basis
from ..render.prepared import SplatArrays
from ..render.projection import (
    BLUE,
    CHUNK,
    FALL_X,
    FALL_Y,
    GREEN,
    LEAN,
    PEAK,
    RED,
    Projected,
    Sight,
    U,
    V,
    within,
)

FloatArray = npt.NDArray[np.float32]

_F = np.float32
_ZERO, _HALF, _ONE, _TWO = _F(0), _F(0.5), _F(1), _F(2)


class Turned(NamedTuple):
    """What the shapes of splats are made of: unit quaternions (N, 4) and logarithms of scales (N, 3), float32."""

    rotations: FloatArray
    log_scales: FloatArray


class SplatGradients(NamedTuple):
    """By the arrays of `Splats`; of splats that no pixel shows, what was there before.

    Attributes:
        shifts: float32 (N,), how much the loss changes with the place in the picture, for one half of its size.
        is_seen: bool (N,), which splats some pixel shows.
    """

    centres: FloatArray
    log_scales: FloatArray
    rotations: FloatArray
    opacity_logits: FloatArray
    harmonics: FloatArray
    shifts: FloatArray
    is_seen: npt.NDArray[np.bool_]


@kernel(fast_math=True)
def project_back(
    splats: SplatArrays,
    turned: Turned,
    sight: Sight,
    projected: Projected,
    by_records: FloatArray,
    found: SplatGradients,
    first: int,
    last: int,
) -> None:
    """Write the gradients of the splats of the chunks `first` to `last` - 1.

    That a colour changes with the place it is seen from is left out: it does not help to learn places.

    Args:
        by_records: float32 (groups, N, 9), to be added up.
    """
    basis, by, by_factor = np.zeros(16, np.float32), np.zeros(9, np.float32), np.zeros(9, np.float32)
    for chunk in range(first, last):
        for at in range(chunk * CHUNK, chunk * CHUNK + projected.counts[chunk]):
            number = projected.numbers[at]
            by[:] = _ZERO
            for group in range(len(by_records)):
                for i in range(9):
                    by[i] += by_records[group, at, i]
            if by[PEAK] == _ZERO and by[RED] == _ZERO and by[GREEN] == _ZERO and by[BLUE] == _ZERO:
                continue
            found.is_seen[number] = True
            record = projected.records[at]
            found.opacity_logits[number] = by[PEAK] * (_ONE - np.exp(splats.log_opacities[number]))
            _colour_back(splats, sight, number, record, by, basis, found.harmonics[number])
            u, v = by[U] * sight.size[0] * _HALF, by[V] * sight.size[1] * _HALF
            found.shifts[number] = np.sqrt(u * u + v * v)
            _place_back(splats, sight, number, record, by, by_factor, found.centres[number])
            _shape_back(turned, splats.factors[number], number, by_factor, found)


@kernel(fast_math=True)
def _colour_back(splats, sight, number, record, by, basis, by_harmonics):
    x = splats.centres[number, 0] - sight.origin[0]
    y = splats.centres[number, 1] - sight.origin[1]
    z = splats.centres[number, 2] - sight.origin[2]
    scale = _ONE / np.sqrt(x * x + y * y + z * z)
    n = splats.harmonics.shape[1]
    fill_basis(n, x * scale, y * scale, z * scale, basis)
    for channel in range(3):
        slope = by[RED + channel] if record[RED + channel] > _ZERO else _ZERO
        for k in range(n):
            by_harmonics[k, channel] = basis[k] * slope


@kernel(fast_math=True)
def _place_back(splats, sight, number, record, by, by_factor, by_centre):
    """Write the gradient of the centre, and that of the matrix R S into `by_factor`."""
    m, size, f = sight.to_picture, sight.size, splats.factors[number]
    x = splats.centres[number, 0] - sight.origin[0]
    y = splats.centres[number, 1] - sight.origin[1]
    z = splats.centres[number, 2] - sight.origin[2]
    inverse = _ONE / (m[2, 0] * x + m[2, 1] * y + m[2, 2] * z)
    u, v = record[U], record[V]
    near_u, near_v = within(u, size[0]), within(v, size[1])
    a0, a1 = (m[0, 0] - near_u * m[2, 0]) * inverse, (m[0, 1] - near_u * m[2, 1]) * inverse
    a2, b0 = (m[0, 2] - near_u * m[2, 2]) * inverse, (m[1, 0] - near_v * m[2, 0]) * inverse
    b1, b2 = (m[1, 1] - near_v * m[2, 1]) * inverse, (m[1, 2] - near_v * m[2, 2]) * inverse
    p0, p1 = a0 * f[0] + a1 * f[3] + a2 * f[6], a0 * f[1] + a1 * f[4] + a2 * f[7]
    p2, q0 = a0 * f[2] + a1 * f[5] + a2 * f[8], b0 * f[0] + b1 * f[3] + b2 * f[6]
    q1, q2 = b0 * f[1] + b1 * f[4] + b2 * f[7], b0 * f[2] + b1 * f[5] + b2 * f[8]
    by_xx, by_xy, by_yy = _covariance_back(record, by)
    dp0, dq0 = _TWO * by_xx * p0 + by_xy * q0, _TWO * by_yy * q0 + by_xy * p0
    dp1, dq1 = _TWO * by_xx * p1 + by_xy * q1, _TWO * by_yy * q1 + by_xy * p1
    dp2, dq2 = _TWO * by_xx * p2 + by_xy * q2, _TWO * by_yy * q2 + by_xy * p2
    by_factor[0], by_factor[1], by_factor[2] = dp0 * a0 + dq0 * b0, dp1 * a0 + dq1 * b0, dp2 * a0 + dq2 * b0
    by_factor[3], by_factor[4], by_factor[5] = dp0 * a1 + dq0 * b1, dp1 * a1 + dq1 * b1, dp2 * a1 + dq2 * b1
    by_factor[6], by_factor[7], by_factor[8] = dp0 * a2 + dq0 * b2, dp1 * a2 + dq1 * b2, dp2 * a2 + dq2 * b2
    da0, db0 = dp0 * f[0] + dp1 * f[1] + dp2 * f[2], dq0 * f[0] + dq1 * f[1] + dq2 * f[2]
    da1, db1 = dp0 * f[3] + dp1 * f[4] + dp2 * f[5], dq0 * f[3] + dq1 * f[4] + dq2 * f[5]
    da2, db2 = dp0 * f[6] + dp1 * f[7] + dp2 * f[8], dq0 * f[6] + dq1 * f[7] + dq2 * f[8]
    by_u, by_v = by[U], by[V]
    if near_u == u:
        by_u -= (da0 * m[2, 0] + da1 * m[2, 1] + da2 * m[2, 2]) * inverse
    if near_v == v:
        by_v -= (db0 * m[2, 0] + db1 * m[2, 1] + db2 * m[2, 2]) * inverse
    by_depth = -(da0 * a0 + da1 * a1 + da2 * a2 + db0 * b0 + db1 * b1 + db2 * b2) * inverse
    for axis in range(3):
        along_u, along_v = (m[0, axis] - u * m[2, axis]) * inverse, (m[1, axis] - v * m[2, axis]) * inverse
        by_centre[axis] = by_u * along_u + by_v * along_v + by_depth * m[2, axis]


@kernel(fast_math=True, is_inner=True)
def _covariance_back(record, by):
    """By the three numbers of the covariance in the picture, from those by the two falls and the lean."""
    yy = -_HALF / record[FALL_Y]
    xy = record[LEAN] * yy
    area = -_HALF * yy / record[FALL_X]
    xx = (area + xy * xy) / yy
    by_area = by[FALL_X] * yy / (_TWO * area * area)
    by_xx = by_area * yy
    by_xy = by[LEAN] / yy - _TWO * xy * by_area
    by_yy = by_area * xx - by[FALL_X] * _HALF / area + by[FALL_Y] * _HALF / (yy * yy) - by[LEAN] * xy / (yy * yy)
    return by_xx, by_xy, by_yy


@kernel(fast_math=True)
def _shape_back(turned, factor, number, by, found):
    """Write the gradients of the scales and of the rotation, along the sphere of unit quaternions."""
    for axis in range(3):
        along = by[axis] * factor[axis] + by[axis + 3] * factor[axis + 3] + by[axis + 6] * factor[axis + 6]
        found.log_scales[number, axis] = along
        scale = np.exp(turned.log_scales[number, axis])
        by[axis], by[axis + 3], by[axis + 6] = by[axis] * scale, by[axis + 3] * scale, by[axis + 6] * scale
    w, x = turned.rotations[number, 0], turned.rotations[number, 1]
    y, z = turned.rotations[number, 2], turned.rotations[number, 3]
    dw = x * (by[7] - by[5]) + y * (by[2] - by[6]) + z * (by[3] - by[1])
    dx = w * (by[7] - by[5]) + y * (by[1] + by[3]) + z * (by[2] + by[6]) - _TWO * x * (by[4] + by[8])
    dy = w * (by[2] - by[6]) + x * (by[1] + by[3]) + z * (by[5] + by[7]) - _TWO * y * (by[0] + by[8])
    dz = w * (by[3] - by[1]) + x * (by[2] + by[6]) + y * (by[5] + by[7]) - _TWO * z * (by[0] + by[4])
    along = w * dw + x * dx + y * dy + z * dz
    row = found.rotations[number]
    row[0], row[1] = _TWO * (dw - along * w), _TWO * (dx - along * x)
    row[2], row[3] = _TWO * (dy - along * y), _TWO * (dz - along * z)
