"""For formats that pack: an order in which neighbours stand together, and few values that stand for many."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from ...splats.model.splats import FloatArray

_N_CODES: Final = 256
_SAMPLE: Final = 1 << 18
_N_ROUNDS: Final = 8


def by_place(centres: FloatArray) -> npt.NDArray[np.int64]:
    """An order along a curve through 1024 cells a side (Morton)."""
    low, high = centres.min(0), centres.max(0)
    cells = ((centres - low) / np.maximum(high - low, 1e-20) * 1023).astype(np.uint32)
    code = np.zeros(len(cells), np.uint32)
    for bit in range(10):
        for axis in range(3):
            code |= ((cells[:, axis] >> bit) & 1) << (3 * bit + axis)
    return np.argsort(code, kind="stable")


def codebook(values: FloatArray) -> tuple[list[float], npt.NDArray[np.uint8]]:
    """256 numbers in order that stand for all of an array, and which one stands for each (Lloyd's algorithm)."""
    flat = np.sort(values.ravel()[:: max(1, values.size // _SAMPLE)]).astype(np.float64)
    ways = np.linspace(0, 1, _N_CODES // 2)
    codes = np.sort(np.r_[np.quantile(flat, ways), flat[0] + (flat[-1] - flat[0]) * ways])  # the rare ones count too
    sums = np.concatenate([[0], np.cumsum(flat)])
    for _ in range(_N_ROUNDS):
        edges = np.searchsorted(flat, (codes[1:] + codes[:-1]) / 2)
        first, last = np.r_[0, edges], np.r_[edges, len(flat)]
        means = (sums[last] - sums[first]) / np.maximum(last - first, 1)
        codes = np.sort(np.where(last > first, means, codes))
    found = codes.astype(np.float32)
    return found.tolist(), np.searchsorted((found[1:] + found[:-1]) / 2, values).astype(np.uint8)


def palette(rows: FloatArray, most: int) -> tuple[FloatArray, npt.NDArray[np.uint16]]:
    """At most so many rows (E, D) that stand for all (N, D), and which one stands for each, (N,).

    The rows are halved at the middle of the direction in which they differ most, until there are enough heaps.
    """
    n_halvings = int(min(np.log2(most), np.ceil(np.log2(len(rows)))))
    heaps = list(_halved(rows, np.arange(len(rows)), n_halvings))
    labels = np.empty(len(rows), np.uint16)
    for n, heap in enumerate(heaps):
        labels[heap] = n
    return np.stack([rows[heap].mean(axis=0) for heap in heaps]), labels


def _halved(rows: FloatArray, heap: npt.NDArray[np.int64], n_halvings: int) -> Iterator[npt.NDArray[np.int64]]:
    if n_halvings == 0 or len(heap) < 2:
        yield heap
        return
    widest = int(np.argmax(rows[heap].var(axis=0)))
    middle = len(heap) // 2
    sides = np.argpartition(rows[heap, widest], middle)
    for side in (sides[:middle], sides[middle:]):
        yield from _halved(rows, heap[side], n_halvings - 1)
