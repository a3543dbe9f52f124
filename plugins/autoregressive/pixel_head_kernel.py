"""From what was seen at a pixel to a distribution, and from that to a value, compiled.

Shape letters as in `pixel_tables`.
"""

import math
from typing import Final

import numpy as np

from studio.api.kernel import kernel

from .pixel_maths import add_products, exp, rectify
from .pixel_tables import FloatArray, HeadWeights, Task

_ONE: Final = np.float32(1.0)
_LOWEST_LOG_SCALE: Final = np.float32(-7.0)
_BITS: Final = np.float32(1 / math.log(2))
SMALLEST: Final = np.float32(1e-37)


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
    """As `pixel_head.log_mixture` does; a product of shares stays exact where their difference would be 0."""
    n_levels = len(said)
    half = _ONE / np.float32(n_levels - 1)
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
            end = (np.float32(2 * level) * half - _ONE + half - means[number]) * inverse
            small = exp(-end)
            below[level] = _ONE / (_ONE + small)
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
def settle(pictures: FloatArray, task: Task, place: int, row: int, column: int) -> None:
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
        pictures[number * n_each : (number + 1) * n_each, row, column] = np.float32(value) * scale - _ONE
