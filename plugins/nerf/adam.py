"""Adam with steps only for what was touched, as a hash grid wants it (Müller et al. 2022, appendix A)."""

from typing import TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

FloatArray: TypeAlias = npt.NDArray[np.float32]

_CHUNK = 8192
_F = np.float32


@kernel(parallel=True, fast_math=True)
def adam_step(
    values: FloatArray, gradient: FloatArray, first: FloatArray, second: FloatArray, rates: FloatArray
) -> None:
    """Move values (N,) against their gradient and set that to 0; entries whose gradient is 0 stay as they are.

    Args:
        first, second: running means of the gradient and of its square, (N,), changed too.
        rates: float32 (4,): learning rate, beta 1, beta 2, epsilon.
    """
    rate, beta1, beta2, epsilon = rates[0], rates[1], rates[2], rates[3]
    n = len(values)
    for chunk in numba.prange((n + _CHUNK - 1) // _CHUNK):
        for i in range(chunk * _CHUNK, min(n, (chunk + 1) * _CHUNK)):
            g = gradient[i]
            if g != _F(0):
                first[i] = m = beta1 * first[i] + (_F(1) - beta1) * g
                second[i] = v = beta2 * second[i] + (_F(1) - beta2) * g * g
                values[i] -= rate * m / (np.sqrt(v) + epsilon)
                gradient[i] = _F(0)


@kernel(parallel=True, fast_math=True)
def blend(average: FloatArray, values: FloatArray, share: np.float32) -> None:
    """Move averages (N,) a share of the way to the values."""
    n = len(values)
    for chunk in numba.prange((n + _CHUNK - 1) // _CHUNK):
        for i in range(chunk * _CHUNK, min(n, (chunk + 1) * _CHUNK)):
            average[i] += share * (values[i] - average[i])
