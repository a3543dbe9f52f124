"""Small dense layers on tiles of points, written for the vector units; no biases, ReLU between."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ..model.config import N_HARMONICS, FieldConfig
from ..model.field import FieldWeights
from .hash_encoding import TILE

FloatArray: TypeAlias = npt.NDArray[np.float32]

BLOCK: Final = 4
"""Inputs and outputs are taken four at a time: sixteen products for eight numbers read."""
START, N_IN, N_OUT, ROW_IN, ROW_OUT, IS_RELU = range(6)


@dataclass(frozen=True, eq=False)
class DenseLayout:
    """Where the numbers of both networks lie: in one vector of weights, and in the rows of a tile (n_rows, TILE).

    A tile holds, one below the other: the grid's features, the hidden layers of the density network, its outputs, the
    harmonics of the direction, the code of a photo, the hidden layers of the colour network, its outputs. Sizes are
    rounded up to a multiple of 4, and weights there are 0 and stay it.

    Attributes:
        layers: int64 (n_layers, 6): where its weights begin, inputs, outputs, their rows of
            the tile, whether ReLU follows.
        n_density_layers: how many of them make the density.
        shapes: (outputs, inputs) of each without the rounding.
    """

    layers: npt.NDArray[np.int64]
    n_density_layers: int
    shapes: tuple[tuple[int, int], ...]

    @property
    def n_weights(self) -> int:
        """Length of the vector of weights."""
        return int((self.layers[:, N_IN] * self.layers[:, N_OUT]).sum())

    @property
    def n_rows(self) -> int:
        """Rows of a tile."""
        return int(self.layers[-1, ROW_OUT] + self.layers[-1, N_OUT])

    @property
    def geometry_row(self) -> int:
        """Where the density network's outputs lie: the first is the logarithm of the density."""
        return int(self.layers[self.n_density_layers - 1, ROW_OUT])

    @property
    def colour_row(self) -> int:
        """Where the three outputs of the colour network lie."""
        return int(self.layers[-1, ROW_OUT])

    def packed(self, weights: FieldWeights) -> FloatArray:
        """Both networks' matrices as one vector."""
        flat = np.zeros(self.n_weights, np.float32)
        for layer, matrix in zip(self.layers, [*weights.density, *weights.colour], strict=True):
            self._matrix(flat, layer)[: matrix.shape[0], : matrix.shape[1]] = matrix
        return flat

    def matrices(self, flat: FloatArray) -> tuple[FloatArray, ...]:
        """Copies of the matrices (outputs, inputs) in a vector of weights, the density network's first."""
        return tuple(
            np.array(self._matrix(flat, layer)[:n_out, :n_in])
            for layer, (n_out, n_in) in zip(self.layers, self.shapes, strict=True)
        )

    def transposed(self, flat: FloatArray) -> FloatArray:
        """The same vector with each matrix transposed, for the way back."""
        return np.concatenate([self._matrix(flat, layer).T.ravel() for layer in self.layers])

    @staticmethod
    def _matrix(flat: FloatArray, layer: npt.NDArray[np.int64]) -> FloatArray:
        start, n_in, n_out = (int(value) for value in layer[: N_OUT + 1])
        return flat[start : start + n_in * n_out].reshape(n_out, n_in)


def layout_of(config: FieldConfig) -> DenseLayout:
    """How the networks of a field lie in memory; its n_geometry must be a multiple of 4.

    The first colour matrix has further columns for the code of a photo, where the field has codes.
    """
    if config.n_geometry % BLOCK:
        raise ValueError(f"n_geometry must be a multiple of {BLOCK}, not {config.n_geometry}")
    (width, _), *later = config.colour_shapes()
    shapes = [*config.density_shapes(), (width, n_colour_inputs(config) + config.n_code), *later]
    n_density, layers, start, row = len(config.density_shapes()), [], 0, 0
    for number, (n_out, n_in) in enumerate(shapes):
        inputs, outputs = _rounded(n_in), _rounded(n_out)
        row_out = row + inputs
        is_last = number in (n_density - 1, len(shapes) - 1)
        layers.append((start, inputs, outputs, row, row_out, 0 if is_last else 1))
        start, row = start + inputs * outputs, row_out
    return DenseLayout(np.array(layers, np.int64), n_density, tuple(shapes))


def _rounded(n: int) -> int:
    return -(-n // BLOCK) * BLOCK


@kernel(fast_math=True, is_inner=True)
def multiply(weights, n_in, n_out, x, y):
    """y = W x for x (n_in, TILE) and the first n_out rows of W, which lies row by row in `weights`."""
    w = weights[: n_in * n_out].reshape(n_out, n_in)
    for o in range(0, n_out, BLOCK):
        for s in range(TILE):
            y[o, s] = y[o + 1, s] = y[o + 2, s] = y[o + 3, s] = np.float32(0)
        for i in range(0, n_in, BLOCK):
            a0, a1, a2, a3 = w[o, i], w[o, i + 1], w[o, i + 2], w[o, i + 3]
            b0, b1, b2, b3 = w[o + 1, i], w[o + 1, i + 1], w[o + 1, i + 2], w[o + 1, i + 3]
            c0, c1, c2, c3 = w[o + 2, i], w[o + 2, i + 1], w[o + 2, i + 2], w[o + 2, i + 3]
            d0, d1, d2, d3 = w[o + 3, i], w[o + 3, i + 1], w[o + 3, i + 2], w[o + 3, i + 3]
            for s in range(TILE):
                x0, x1, x2, x3 = x[i, s], x[i + 1, s], x[i + 2, s], x[i + 3, s]
                y[o, s] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
                y[o + 1, s] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
                y[o + 2, s] += c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3
                y[o + 3, s] += d0 * x0 + d1 * x1 + d2 * x2 + d3 * x3


@kernel(fast_math=True, is_inner=True)
def add_outer(y, x, n_out, n_in, gradient):
    """gradient += y x^T for y (n_out, TILE) and x (n_in, TILE); gradient lies row by row."""
    w = gradient[: n_in * n_out].reshape(n_out, n_in)
    for o in range(0, n_out, BLOCK):
        for i in range(0, n_in, BLOCK):
            a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = np.float32(0)
            c0 = c1 = c2 = c3 = d0 = d1 = d2 = d3 = np.float32(0)
            for s in range(TILE):
                x0, x1, x2, x3 = x[i, s], x[i + 1, s], x[i + 2, s], x[i + 3, s]
                y0, y1, y2, y3 = y[o, s], y[o + 1, s], y[o + 2, s], y[o + 3, s]
                a0, a1, a2, a3 = a0 + y0 * x0, a1 + y0 * x1, a2 + y0 * x2, a3 + y0 * x3
                b0, b1, b2, b3 = b0 + y1 * x0, b1 + y1 * x1, b2 + y1 * x2, b3 + y1 * x3
                c0, c1, c2, c3 = c0 + y2 * x0, c1 + y2 * x1, c2 + y2 * x2, c3 + y2 * x3
                d0, d1, d2, d3 = d0 + y3 * x0, d1 + y3 * x1, d2 + y3 * x2, d3 + y3 * x3
            for row, (p, q, r, t) in enumerate(
                ((a0, a1, a2, a3), (b0, b1, b2, b3), (c0, c1, c2, c3), (d0, d1, d2, d3))
            ):
                w[o + row, i] += p
                w[o + row, i + 1] += q
                w[o + row, i + 2] += r
                w[o + row, i + 3] += t


@kernel(fast_math=True)
def forward(tile, weights, layers, first, last):
    """Fill the rows of a tile (n_rows, TILE) behind layers first to last - 1."""
    for number in range(first, last):
        start, n_in, n_out, row_in, row_out, is_relu = layers[number]
        y = tile[row_out : row_out + n_out]
        multiply(weights[start:], n_in, n_out, tile[row_in : row_in + n_in], y)
        if is_relu:
            for o in range(n_out):
                for s in range(TILE):
                    y[o, s] = max(y[o, s], np.float32(0))


@kernel(fast_math=True)
def backward(tile, gradient, transposed, layers, first, last, n_wanted, weight_gradient):
    """Take the gradient (n_rows, TILE) back from the outputs of layer last - 1 to the first n_wanted inputs of `first`.

    The weights' gradient is added to; the tile is that which `forward` filled.
    """
    for number in range(last - 1, first - 1, -1):
        start, n_in, n_out, row_in, row_out, is_relu = layers[number]
        y = gradient[row_out : row_out + n_out]
        if is_relu:
            for o in range(n_out):
                for s in range(TILE):
                    y[o, s] = y[o, s] if tile[row_out + o, s] > np.float32(0) else np.float32(0)
        add_outer(y, tile[row_in : row_in + n_in], n_out, n_in, weight_gradient[start:])
        n_back = n_wanted if number == first else n_in
        multiply(transposed[start:], n_out, n_back, y, gradient[row_in : row_in + n_back])


def n_colour_inputs(config: FieldConfig) -> int:
    """Numbers that the colour network is given, without the code of a photo."""
    return config.n_geometry + N_HARMONICS
