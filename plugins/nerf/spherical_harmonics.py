"""Spherical harmonics up to degree 3: sixteen numbers that tell a network from where a point is seen."""

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

FloatArray = npt.NDArray[np.float32]
_F = np.float32


@kernel(fast_math=True, is_inner=True)
def harmonics(x: np.float32, y: np.float32, z: np.float32, out: FloatArray) -> None:
    """Write the 16 values of the unit direction (x, y, z) into `out`, float32 (16,), signs as in tiny-cuda-nn."""
    xx, yy, zz = x * x, y * y, z * z
    out[0] = _F(0.28209479177387814)
    out[1] = _F(-0.48860251190291987) * y
    out[2] = _F(0.48860251190291987) * z
    out[3] = _F(-0.48860251190291987) * x
    out[4] = _F(1.0925484305920792) * x * y
    out[5] = _F(-1.0925484305920792) * y * z
    out[6] = _F(0.94617469575755997) * zz - _F(0.31539156525251999)
    out[7] = _F(-1.0925484305920792) * x * z
    out[8] = _F(0.54627421529603959) * (xx - yy)
    out[9] = _F(0.59004358992664352) * y * (yy - _F(3) * xx)
    out[10] = _F(2.8906114426405538) * x * y * z
    out[11] = _F(0.45704579946446572) * y * (_F(1) - _F(5) * zz)
    out[12] = _F(0.3731763325901154) * z * (_F(5) * zz - _F(3))
    out[13] = _F(0.45704579946446572) * x * (_F(1) - _F(5) * zz)
    out[14] = _F(1.4453057213202769) * z * (xx - yy)
    out[15] = _F(0.59004358992664352) * x * (_F(3) * yy - xx)


@kernel(fast_math=True)
def harmonics_of(directions: FloatArray, out: FloatArray) -> None:
    """Write the values (N, 16) of unit directions (N, 3)."""
    for i in range(len(directions)):
        harmonics(directions[i, 0], directions[i, 1], directions[i, 2], out[i])


def spherical_harmonics(directions: FloatArray) -> FloatArray:
    """The 16 values, float32 (N, 16), of unit directions (N, 3)."""
    out = np.empty((len(directions), 16), np.float32)
    harmonics_of(np.ascontiguousarray(directions, np.float32), out)
    return out
