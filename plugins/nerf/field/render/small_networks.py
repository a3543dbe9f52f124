"""Small dense networks and spherical harmonics on blocks of samples: one row a channel, many samples at once.

A block is a flat float32 array of rows of BLOCK samples. Indices are unsigned throughout: a signed one may be negative
to numba, which keeps the loops from being vectorised (measured: ten times slower).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

FloatArray = npt.NDArray[np.float32]
_F = np.float32
BLOCK: Final = 64
LANES: Final = 16
"""Samples are worked on in multiples of this."""
_U = np.uint64
_ROW = np.uint64(BLOCK)
_ONE, _TWO, _FOUR = np.uint64(1), np.uint64(2), np.uint64(4)
_LOG2_E = np.float32(1.4426950408889634)
_LN_2 = np.float32(0.6931471805599453)


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


class PackedNetwork(NamedTuple):
    """Matrices of a network, in tiles of 4 x 4 one after the other, padded with zeros.

    Attributes:
        weights, biases: float32, of all layers.
        layers: int64 (L, 4): inputs, outputs (both multiples of 4), where its weights and its biases begin.
    """

    weights: FloatArray
    biases: FloatArray
    layers: npt.NDArray[np.int64]


def pack(matrices: tuple[FloatArray, ...], first_bias: FloatArray | None = None) -> PackedNetwork:
    """Pack matrices (outputs, inputs) for `run`; `first_bias` is added before the first ReLU."""
    weights, biases, layers = [], [], []
    n_weights = n_biases = 0
    for number, matrix in enumerate(matrices):
        n_out, n_in = (-(-n // 4) * 4 for n in matrix.shape)
        padded = np.zeros((n_out, n_in), np.float32)
        padded[: matrix.shape[0], : matrix.shape[1]] = matrix
        bias = np.zeros(n_out, np.float32)
        if number == 0 and first_bias is not None:
            bias[: len(first_bias)] = first_bias
        layers.append((n_in, n_out, n_weights, n_biases))
        weights.append(padded.reshape(n_out // 4, 4, n_in // 4, 4).transpose(0, 2, 1, 3).ravel())
        biases.append(bias)
        n_weights += padded.size
        n_biases += n_out
    return PackedNetwork(np.concatenate(weights), np.concatenate(biases), np.array(layers, np.int64))


def widest(*networks: PackedNetwork) -> int:
    """Rows that a block needs to hold any layer of these networks."""
    return int(max(network.layers[:, :2].max() for network in networks))


@kernel(fast_math=True, is_inner=True)
def run(network: PackedNetwork, given: FloatArray, first: FloatArray, second: FloatArray, n: int) -> FloatArray:
    """Send n samples (a multiple of LANES) through; returns the one of the two work blocks that holds the result."""
    n_layers = network.layers.shape[0]
    source, target, other = given, first, second
    for layer in range(n_layers):
        _multiply(network, layer, source, target, n)
        if layer < n_layers - 1:
            _cut_negative(target, network.layers[layer, 1], n)
        source, target, other = target, other, target
    return source


@kernel(fast_math=True, is_inner=True)
def _cut_negative(block: FloatArray, n_rows: int, n: int) -> None:
    """ReLU."""
    for row in range(_U(n_rows)):
        start = row * _ROW
        for s in range(_U(n)):
            block[start + s] = max(block[start + s], _F(0))


@kernel(fast_math=True, is_inner=True)
def _multiply(network: PackedNetwork, layer: int, x: FloatArray, y: FloatArray, n: int) -> None:
    """y = W x + b, four outputs and four inputs at a time, for n samples."""
    w, bias = network.weights, network.biases
    n_in, n_out = _U(network.layers[layer, 0]), _U(network.layers[layer, 1])
    at, first_bias = _U(network.layers[layer, 2]), _U(network.layers[layer, 3])
    n_samples = _U(n)
    for o in range(_U(0), n_out, _FOUR):
        y0 = o * _ROW
        y1, y2, y3 = y0 + _ROW, y0 + _TWO * _ROW, y0 + _U(3) * _ROW
        c = first_bias + o
        b0, b1, b2, b3 = bias[c], bias[c + _ONE], bias[c + _TWO], bias[c + _U(3)]
        for s in range(n_samples):
            y[y0 + s], y[y1 + s], y[y2 + s], y[y3 + s] = b0, b1, b2, b3
        for i in range(_U(0), n_in, _FOUR):
            w00, w01, w02, w03 = w[at], w[at + _U(1)], w[at + _U(2)], w[at + _U(3)]
            w10, w11, w12, w13 = w[at + _U(4)], w[at + _U(5)], w[at + _U(6)], w[at + _U(7)]
            w20, w21, w22, w23 = w[at + _U(8)], w[at + _U(9)], w[at + _U(10)], w[at + _U(11)]
            w30, w31, w32, w33 = w[at + _U(12)], w[at + _U(13)], w[at + _U(14)], w[at + _U(15)]
            at += _U(16)
            p0 = i * _ROW
            p1, p2, p3 = p0 + _ROW, p0 + _TWO * _ROW, p0 + _U(3) * _ROW
            for s in range(n_samples):
                x0, x1, x2, x3 = x[p0 + s], x[p1 + s], x[p2 + s], x[p3 + s]
                y[y0 + s] += w00 * x0 + w01 * x1 + w02 * x2 + w03 * x3
                y[y1 + s] += w10 * x0 + w11 * x1 + w12 * x2 + w13 * x3
                y[y2 + s] += w20 * x0 + w21 * x1 + w22 * x2 + w23 * x3
                y[y3 + s] += w30 * x0 + w31 * x1 + w32 * x2 + w33 * x3


@kernel(fast_math=True)
def exponential(values: FloatArray, bits: npt.NDArray[np.int32], n: int) -> None:
    """Replace n samples of all rows by e^value, exact to 3e-7, where values lie in -87..87 (others are taken as these).

    bits: int32, the same memory as `values`.
    """
    for row in range(_U(values.shape[0]) // _ROW):
        start = row * _ROW
        for s in range(_U(n)):
            value = min(max(values[start + s], _F(-87)), _F(87))
            whole = np.floor(value * _LOG2_E + _F(0.5))
            f = value - whole * _LN_2
            p = _F(1.9875691500e-4)  # the polynomial of Cephes' expf
            p = p * f + _F(1.3981999507e-3)
            p = p * f + _F(8.3334519073e-3)
            p = p * f + _F(4.1665795894e-2)
            p = p * f + _F(1.6666665459e-1)
            p = p * f + _F(5.0000001201e-1)
            values[start + s] = p * f * f + f + _F(1)
            bits[start + s] += np.int32(whole) << np.int32(23)
