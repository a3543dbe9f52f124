"""The small sums of a network as compiled loops in float32 on one thread, up to a distribution and a value.

Places are several at once, pixels of a row or pictures side by side: a matrix is read once for four of them.

Shape letters as in `kernel_tables`.
"""

import math
from typing import Final

import numpy as np

from studio.api.kernel import kernel

from .kernel_tables import FloatArray, HeadWeights, PixelTask

_ONE: Final = np.float32(1.0)
_HALF: Final = np.float32(0.5)
_TWO: Final = np.float32(2.0)
_LOWEST: Final = np.float32(-87.0)
_HIGHEST: Final = np.float32(87.0)
_LOG2_E: Final = np.float32(1.4426950408889634)
_LN2_HIGH: Final = np.float32(0.693359375)
_LN2_LOW: Final = np.float32(-2.12194440e-4)
_N_ROWS: Final = 16
"""Of a matrix that are used for all places before the next ones: so many stay in the nearest cache."""
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
_UNIT: Final = np.float32(1.0)
_LOWEST_LOG_SCALE: Final = np.float32(-7.0)
_BITS: Final = np.float32(1 / math.log(2))
SMALLEST: Final = np.float32(1e-37)


@kernel(is_inner=True)
def exp(x: np.float32) -> np.float32:
    """e to the power of x (Cephes' expf: 2^n times a polynomial), as the vector units can do it; from -87 to 87."""
    x = min(max(x, _LOWEST), _HIGHEST)
    n = np.float32(math.floor(x * _LOG2_E + _HALF))
    x = x - n * _LN2_HIGH - n * _LN2_LOW
    y = ((((_C0 * x + _C1) * x + _C2) * x + _C3) * x + _C4) * x + _C5
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return (y * x * x + x + _ONE) * power


@kernel(is_inner=True)
def sigmoid(x: np.float32) -> np.float32:
    """1 / (1 + e^-x)."""
    return _ONE / (_ONE + exp(-x))


@kernel(is_inner=True)
def tanh(x: np.float32) -> np.float32:
    """(1 - e^-2x) / (1 + e^-2x)."""
    small = exp(-_TWO * x)
    return (_ONE - small) / (_ONE + small)


@kernel(is_inner=True)
def add_products(matrix: FloatArray, source: FloatArray, stride: int, target: FloatArray) -> None:
    """target[p] += matrix @ source[p * stride : p * stride + n_in] for all places p.

    Args:
        matrix: (n_out, n_in). source: (N,), in which the places may overlap. target: (P, n_out).
    """
    n_places = target.shape[0]
    whole = n_places // 4 * 4
    for first in range(0, len(matrix), _N_ROWS):
        rows = matrix[first : first + _N_ROWS]
        for place in range(0, whole, 4):
            _add_four(rows, source[place * stride :], stride, target[place : place + 4], first)
        for place in range(whole, n_places):
            _add_one(rows, source[place * stride :], target[place, first:])


@kernel(fast_math=True, is_inner=True)
def _add_four(matrix: FloatArray, source: FloatArray, stride: int, target: FloatArray, first: int) -> None:
    """For four places, and those rows of the matrix that belong to the targets from `first` on."""
    n_out, n_in = matrix.shape
    second, third, fourth = source[stride:], source[2 * stride :], source[3 * stride :]
    for row in range(n_out):
        a = b = c = d = np.float32(0.0)
        for column in range(n_in):
            weight = matrix[row, column]
            a += weight * source[column]
            b += weight * second[column]
            c += weight * third[column]
            d += weight * fourth[column]
        target[0, first + row] += a
        target[1, first + row] += b
        target[2, first + row] += c
        target[3, first + row] += d


@kernel(fast_math=True, is_inner=True)
def _add_one(matrix: FloatArray, source: FloatArray, target: FloatArray) -> None:
    n_out, n_in = matrix.shape
    for row in range(n_out):
        total = np.float32(0.0)
        for column in range(n_in):
            total += matrix[row, column] * source[column]
        target[row] += total


@kernel(is_inner=True)
def gate(maps: FloatArray, gated: FloatArray) -> None:
    """gated (P, D) = tanh(a) sigmoid(b) of the halves of maps (P, 2D)."""
    n_places, width = gated.shape
    for place in range(n_places):
        first, second, result = maps[place, :width], maps[place, width:], gated[place]
        for number in range(width):
            result[number] = tanh(first[number]) * sigmoid(second[number])


@kernel(is_inner=True)
def rectify(x: FloatArray, y: FloatArray) -> None:
    """y = max(x, 0), (P, D)."""
    for place in range(x.shape[0]):
        for number in range(x.shape[1]):
            y[place, number] = max(x[place, number], np.float32(0.0))


@kernel(is_inner=True)
def tell(seen: FloatArray, weights: HeadWeights, said: FloatArray) -> None:
    """Write the logarithms of the probabilities (M, V) that follow from what was seen (M, D)."""
    n = seen.shape[0]
    positive, inner = np.empty_like(seen), np.empty((n, weights.inner.shape[0]), np.float32)
    outputs = np.empty((n, weights.last.shape[0]), np.float32)
    rectify(seen, positive)
    inner[:] = weights.inner_bias
    add_products(weights.inner, positive.ravel(), seen.shape[1], inner)
    rectify(inner, inner)
    outputs[:] = weights.last_bias
    add_products(weights.last, inner.ravel(), inner.shape[1], outputs)
    for number in range(n):
        if weights.n_mixtures:
            log_mixture(outputs[number], weights.n_mixtures, said[number])
        else:
            _log_softmax(outputs[number], said[number])


@kernel(fast_math=True, is_inner=True)
def _log_softmax(outputs: FloatArray, said: FloatArray) -> None:
    highest, total = outputs.max(), np.float32(0.0)
    for level in range(len(said)):
        total += exp(outputs[level] - highest)
    shift = highest + np.float32(math.log(total))
    for level in range(len(said)):
        said[level] = outputs[level] - shift


@kernel(is_inner=True)
def log_mixture(outputs: FloatArray, n_mixtures: int, said: FloatArray) -> None:
    """As `head.log_mixture` does; a product of shares stays exact where their difference would be 0."""
    n_levels = len(said)
    half = _UNIT / np.float32(n_levels - 1)
    weights, means = outputs[:n_mixtures], outputs[n_mixtures : 2 * n_mixtures]
    log_scales = outputs[2 * n_mixtures :]
    highest, total = weights.max(), np.float32(0.0)
    for number in range(n_mixtures):
        total += exp(weights[number] - highest)
    said[:] = np.float32(0.0)
    below, above = np.empty(n_levels, np.float32), np.empty(n_levels, np.float32)
    for number in range(n_mixtures):
        inverse = exp(-max(log_scales[number], _LOWEST_LOG_SCALE))
        share = exp(weights[number] - highest) / total
        within = np.float32(-math.expm1(-np.float32(2.0) * half * inverse)) * share
        for level in range(n_levels):  # the shares below and above the upper end of each level
            end = (np.float32(2 * level) * half - _UNIT + half - means[number]) * inverse
            small = exp(-end)
            below[level] = _UNIT / (_UNIT + small)
            above[level] = small * below[level]
        said[0] += share * below[0]
        said[n_levels - 1] += share * above[n_levels - 2]
        for level in range(1, n_levels - 1):
            said[level] += within * below[level] * above[level - 1]
    for level in range(n_levels):
        said[level] = np.float32(math.log(max(said[level], SMALLEST)))


@kernel()
def drawn_value(said: FloatArray, draw: np.float32, temperature: np.float32) -> int:
    """The level at which the cumulative probabilities, sharpened by the temperature, pass `draw` in [0, 1)."""
    highest, total = said.max(), 0.0
    for level in range(len(said)):
        total += float(exp((said[level] - highest) / temperature))
    wanted, passed = draw * total, 0.0
    for level in range(len(said)):
        passed += float(exp((said[level] - highest) / temperature))
        if passed > wanted:
            return level
    return int(said.argmax())


@kernel(is_inner=True)
def settle(pictures: FloatArray, task: PixelTask, place: int, row: int, column: int) -> None:
    """Draw the value of a place in each picture where it is not kept, and write it into all its passes' pictures.

    Args:
        pictures: (M, ...), in which the place lies at (row, column).
    """
    scale = np.float32(2.0) / np.float32(task.said.shape[2] - 1)
    n_each = len(pictures) // len(task.labels)
    for number in range(len(task.labels)):
        if not task.kept[number, place]:
            task.values[number, place] = drawn_value(
                task.law[place, number], task.draws[number, place], task.temperature
            )
        value = task.values[number, place]
        task.surprise[number, place] = -task.said[place, number, value] * _BITS
        pictures[number * n_each : (number + 1) * n_each, row, column] = np.float32(value) * scale - _UNIT
