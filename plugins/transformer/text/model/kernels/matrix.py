"""A matrix by a vector, whether it is numbers or whole numbers in groups that share a scale and a minimum.

A matrix is read once and from front to back, since a step is as slow as the memory that holds the weights.
Shape letters: G groups of a row.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .step_weights import ByteArray, FloatArray, Matrix
from .vector_dot import dot_bytes, dot_nibbles

_NOTHING: Final = np.float32(0.0)


@kernel(fast_math=True, is_inner=True)
def multiply(matrix: Matrix, x: FloatArray, bias: FloatArray, y: FloatArray) -> None:
    """y = matrix @ x + bias, with (n out, n in), (n in,) and a bias of (n out,), or of (0,) where there is none."""
    if len(matrix.numbers):
        _multiply_numbers(matrix.numbers, x, y)
    else:
        _multiply_codes(matrix, x, y)
    for row in range(len(bias)):
        y[row] += bias[row]
    if len(matrix.down):
        _add_low_rank(matrix.down, matrix.up, x, y)


@kernel(fast_math=True, is_inner=True)
def _add_low_rank(down: FloatArray, up: FloatArray, x: FloatArray, y: FloatArray) -> None:
    narrow = np.empty(len(down), np.float32)
    _multiply_numbers(down, x, narrow)
    for row in range(len(up)):
        total = _NOTHING
        for rank in range(len(narrow)):
            total += up[row, rank] * narrow[rank]
        y[row] += total


@kernel(fast_math=True, is_inner=True)
def _multiply_numbers(matrix: FloatArray, x: FloatArray, y: FloatArray) -> None:
    n_out, n_in = matrix.shape
    for row in range(n_out):
        total = _NOTHING
        for column in range(n_in):
            total += matrix[row, column] * x[column]
        y[row] = total


@kernel(fast_math=True, is_inner=True)
def _multiply_codes(matrix: Matrix, x: FloatArray, y: FloatArray) -> None:
    codes, scales, minima = matrix.codes, matrix.scales, matrix.minima
    has_nibbles = codes.shape[1] < len(x)
    sums = _group_sums(x, minima.shape[1])
    for row in range(len(codes)):
        total = _NOTHING
        for group in range(len(sums)):
            total += minima[row, group] * sums[group]
        y[row] = total + (dot_nibbles(codes, scales, x, row) if has_nibbles else dot_bytes(codes, scales, x, row))


@kernel(fast_math=True, is_inner=True)
def _group_sums(x: FloatArray, n_groups: int) -> FloatArray:
    sums = np.zeros(n_groups, np.float32)
    for group in range(n_groups):
        width = len(x) // n_groups
        for place in range(group * width, (group + 1) * width):
            sums[group] += x[place]
    return sums


@kernel()
def unpack_rows(
    codes: ByteArray, scales: FloatArray, minima: FloatArray, rows: npt.NDArray[np.int64], found: FloatArray
) -> None:
    """Write what the codes of some rows (n,) stand for into `found` (n, n in)."""
    n_groups = scales.shape[1]
    width = found.shape[1] // n_groups
    has_nibbles = codes.shape[1] < found.shape[1]
    for place, row in enumerate(rows):
        for group in range(n_groups):
            scale = scales[row, group]
            minimum = minima[row, group] if minima.shape[1] else _NOTHING
            numbers = found[place, group * width : (group + 1) * width]
            if has_nibbles:
                _spread_nibbles(codes[row, group * 16 : (group + 1) * 16], numbers)
            else:
                for number in range(16):
                    numbers[number] = np.float32(np.int32(np.int8(codes[row, group * 16 + number])))
            for number in range(width):
                numbers[number] = numbers[number] * scale + minimum


@kernel(is_inner=True)
def _spread_nibbles(codes: ByteArray, numbers: FloatArray) -> None:
    for number in range(16):
        numbers[number] = np.float32(np.int32(codes[number] & 15))
        numbers[16 + number] = np.float32(np.int32(codes[number] >> 4))
