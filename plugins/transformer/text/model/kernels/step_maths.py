"""The small sums of a decoder's step for one token as compiled loops, all in float32.

On one thread: two of them wait for each other at every layer, and on a busy machine that costs more than it gains.
"""

import math
from typing import Final

import numpy as np

from studio.api.kernel import kernel

from .step_weights import FloatArray

GELU, GELU_TANH, SILU, RELU, RELU2 = range(5)
"""Activations."""
_ONE: Final = np.float32(1.0)
_HALF: Final = np.float32(0.5)
_LOWEST: Final = np.float32(-87.0)
_HIGHEST: Final = np.float32(88.0)
_LOG2_E: Final = np.float32(1.4426950408889634)
_LN2_HIGH: Final = np.float32(0.693359375)
_LN2_LOW: Final = np.float32(-2.12194440e-4)
_TERMS: Final = tuple(
    map(
        np.float32,
        (
            1.9875691500e-4,
            1.3981999507e-3,
            8.3334519073e-3,
            4.1665795894e-2,
            1.6666665459e-1,
            5.0000001201e-1,
        ),
    )
)
_C0, _C1, _C2, _C3, _C4, _C5 = _TERMS
_TANH_SCALE: Final = np.float32(math.sqrt(2 / math.pi))
_TANH_CUBIC: Final = np.float32(0.044715)
_ROOT_HALF: Final = np.float32(math.sqrt(0.5))
_TWO: Final = np.float32(2.0)


@kernel(is_inner=True)
def exp(x: np.float32) -> np.float32:
    """e to the power of x (Cephes' expf: 2^n times a polynomial), as the vector units can do it; from -87 to 88."""
    x = min(max(x, _LOWEST), _HIGHEST)
    n = np.float32(math.floor(x * _LOG2_E + _HALF))
    x = x - n * _LN2_HIGH - n * _LN2_LOW
    y = ((((_C0 * x + _C1) * x + _C2) * x + _C3) * x + _C4) * x + _C5
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return (y * x * x + x + _ONE) * power


@kernel(fast_math=True, is_inner=True)
def add(x: FloatArray, y: FloatArray, scale: np.float32) -> None:
    """x += scale * y."""
    for place in range(len(x)):
        x[place] += scale * y[place]


@kernel(fast_math=True, is_inner=True)
def length(x: FloatArray) -> np.float32:
    """Of a vector."""
    total = np.float32(0.0)
    for place in range(len(x)):
        total += x[place] * x[place]
    return np.float32(math.sqrt(total))


@kernel(fast_math=True, is_inner=True)
def rms_normed(x: FloatArray, weight: FloatArray, offset: np.float32, eps: np.float32, y: FloatArray) -> None:
    """y = x / root of its mean square * (weight + offset), all (D,)."""
    total = np.float32(0.0)
    for place in range(len(x)):
        total += x[place] * x[place]
    scale = _ONE / np.float32(math.sqrt(total / np.float32(len(x)) + eps))
    for place in range(len(x)):
        y[place] = x[place] * scale * (weight[place] + offset)


@kernel(fast_math=True, is_inner=True)
def layer_normed(
    x: FloatArray, weight: FloatArray, bias: FloatArray, offset: np.float32, eps: np.float32, y: FloatArray
) -> None:
    """y = (x - mean) / deviation * (weight + offset) + bias, all (D,), or with a bias of (0,)."""
    mean, square, n = np.float32(0.0), np.float32(0.0), np.float32(len(x))
    for place in range(len(x)):
        mean += x[place]
    mean /= n
    for place in range(len(x)):
        square += (x[place] - mean) * (x[place] - mean)
    scale = _ONE / np.float32(math.sqrt(square / n + eps))
    for place in range(len(x)):
        y[place] = (x[place] - mean) * scale * (weight[place] + offset)
    for place in range(len(bias)):
        y[place] += bias[place]


@kernel(is_inner=True)
def cap(x: FloatArray, limit: np.float32) -> None:
    """x = limit * tanh(x / limit); 0 stands for no limit."""
    if limit > np.float32(0.0):
        for place in range(len(x)):
            x[place] = limit * np.float32(math.tanh(x[place] / limit))


@kernel(is_inner=True)
def activate(x: FloatArray, kind: int) -> None:
    """x = activation(x), one of the kinds above."""
    if kind == GELU_TANH:
        for place in range(len(x)):
            value = x[place]
            inner = _TANH_SCALE * (value + _TANH_CUBIC * value * value * value)
            x[place] = value / (_ONE + exp(-_TWO * inner))  # (1 + tanh(inner)) / 2
    elif kind == SILU:
        for place in range(len(x)):
            x[place] = x[place] / (_ONE + exp(-x[place]))
    elif kind == GELU:
        for place in range(len(x)):
            x[place] = _HALF * x[place] * (_ONE + np.float32(math.erf(x[place] * _ROOT_HALF)))
    else:
        for place in range(len(x)):
            x[place] = max(x[place], np.float32(0.0))
            if kind == RELU2:
                x[place] *= x[place]
