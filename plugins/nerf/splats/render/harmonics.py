"""Spherical harmonics up to degree 3, in the order and with the signs of the paper's program, for kernels."""

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.splats import SH_0

FloatArray = npt.NDArray[np.float32]

_F = np.float32
_C0, _C1 = _F(SH_0), _F(0.4886025119029199)
_C2_XY, _C2_Z, _C2_X = _F(1.0925484305920792), _F(0.31539156525252005), _F(0.5462742152960396)
_C3_A, _C3_B, _C3_C = _F(0.5900435899266435), _F(2.890611442640554), _F(0.4570457994644658)
_C3_D, _C3_E = _F(0.3731763325901154), _F(1.445305721320277)
_2, _3, _4 = _F(2), _F(3), _F(4)


@kernel(fast_math=True)
def fill_basis(n: int, x: np.float32, y: np.float32, z: np.float32, basis: FloatArray) -> None:
    """Put the first n (1, 4, 9 or 16) harmonics of a unit direction into `basis`."""
    basis[0] = _C0
    if n > 1:
        basis[1], basis[2], basis[3] = -_C1 * y, _C1 * z, -_C1 * x
    if n > 4:
        xx, yy, zz = x * x, y * y, z * z
        basis[4], basis[5], basis[7] = _C2_XY * x * y, -_C2_XY * y * z, -_C2_XY * x * z
        basis[6], basis[8] = _C2_Z * (_2 * zz - xx - yy), _C2_X * (xx - yy)
        if n > 9:
            basis[9], basis[10] = -_C3_A * y * (_3 * xx - yy), _C3_B * x * y * z
            basis[11], basis[13] = -_C3_C * y * (_4 * zz - xx - yy), -_C3_C * x * (_4 * zz - xx - yy)
            basis[12] = _C3_D * z * (_2 * zz - _3 * xx - _3 * yy)
            basis[14], basis[15] = _C3_E * z * (xx - yy), -_C3_A * x * (xx - _3 * yy)
