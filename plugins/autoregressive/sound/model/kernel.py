"""A WaveNet sample by sample: each layer keeps what it was given, in a ring as long as it looks back.

Le Paine et al. 2016 (fast WaveNet, arXiv 1611.09482): one column of the tree for a sample instead of the whole tree.

Shape letters: B sounds, T samples, F stretches, D width, L layers, N numbers into the first layer, R = the sum of all
dilations, S width of the skips, V levels, W waves, P coefficients of the linear prediction, O numbers of the head.
"""

import math
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.model.kernel_maths import exp, log_mixture, sigmoid, tanh
from ..signal import MU

FloatArray: TypeAlias = npt.NDArray[np.float32]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
IntArray: TypeAlias = npt.NDArray[np.int64]
_ZERO: Final = np.float32(0.0)
_MU: Final = np.float32(MU)
_LAW: Final = np.float32(1 / math.log1p(MU))
_BITS: Final = np.float32(1 / math.log(2))


class WaveWeights(NamedTuple):
    """Those of a `WaveNet`, matrices (n in, n out): sums over inputs then run along the rows.

    Attributes:
        scale: (V, 2) what a level is as a number, on the scale of the law and as a sample.
        first, first_bias: (N, D), (D,).
        n_taps: samples that the first layer looks at.
        into: (L, 2D, 2D), the sample further back first.
        out, out_bias: (L, D, D + S), what goes on and what is handed to the head together; (L, D).
        inner, inner_bias, last, last_bias: (S, S), (S,), (S, O), (O,).
        n_mixtures: logistic distributions of the head; 0 for a softmax.
        dilation, offset: (L,) how far layers look back, and where their rings begin in `WaveMemory.rings`.
    """

    scale: FloatArray
    first: FloatArray
    first_bias: FloatArray
    n_taps: int
    into: FloatArray
    out: FloatArray
    out_bias: FloatArray
    inner: FloatArray
    inner_bias: FloatArray
    last: FloatArray
    last_bias: FloatArray
    n_mixtures: int
    dilation: IntArray
    offset: IntArray


class WaveMemory(NamedTuple):
    """What is kept of a run, and what it is told.

    Attributes:
        rings: (B, R, D) the last inputs of each layer, as many as it looks back: that of sample t at t modulo them.
        biases: (B, F, 2 L D + S + P) of each stretch. hop: samples of a stretch.
        waves: (B, T, W). source: (B, T) what they say the sound is, each as loud as is told.
        left: (B, T, 2) what the source leaves of settled samples, on the scale of the law and as it is.
    """

    rings: FloatArray
    biases: FloatArray
    hop: int
    waves: FloatArray
    source: FloatArray
    left: FloatArray


class WaveTask(NamedTuple):
    """Which sounds are made, and what became of them.

    Attributes:
        levels: (B, T) those that are given and those that were drawn.
        n_given: how many of each sound are given.
        draws: (B, T) in [0, 1), one number for each sample.
        temperature: by which logarithms are divided.
        said: (B, V) logarithms of the probabilities of the newest sample, before the temperature.
        surprise: (B, T) of the settled samples, in bits.
    """

    levels: ByteArray
    n_given: int
    draws: FloatArray
    temperature: np.float32
    said: FloatArray
    surprise: FloatArray


@kernel()
def go_on(weights: WaveWeights, memory: WaveMemory, task: WaveTask, first: int, last: int) -> None:
    """Settle the samples from `first` up to `last`; all before them have been settled by earlier calls.

    Where the rings hold nothing yet, a call that begins as many samples earlier as the network sees fills them.
    """
    n, n_layers, width = len(task.levels), len(weights.into), weights.first.shape[1]
    n_skip = weights.inner.shape[0]
    inputs = np.empty(weights.first.shape[0], np.float32)
    x, skip = np.empty((n, width), np.float32), np.empty((n, n_skip), np.float32)
    predicted = np.empty(n, np.float32)
    both, maps = np.empty(2 * width, np.float32), np.empty(2 * width, np.float32)
    gated, summed = np.empty(width, np.float32), np.empty(width + n_skip, np.float32)
    for place in range(first, last):
        stretch = place // memory.hop
        for number in range(n):
            _listen(weights, memory, place, number, inputs)
            x[number] = weights.first_bias
            add_product(weights.first, inputs, x[number])
            told = memory.biases[number, stretch, 2 * n_layers * width :]
            skip[number] = told[:n_skip]
            guess = memory.source[number, place]
            predicted[number] = _predicted(guess, inputs, told[n_skip : n_skip + weights.n_taps])
        for layer in range(n_layers):
            ring = weights.offset[layer] + place % weights.dilation[layer]
            for number in range(n):
                kept, here = memory.rings[number, ring], x[number]
                both[:width] = kept
                both[width:] = here
                kept[:] = here
                maps[:] = memory.biases[number, stretch, 2 * layer * width : 2 * (layer + 1) * width]
                add_product(weights.into[layer], both, maps)
                _gate(maps, gated)
                summed[:width] = weights.out_bias[layer]
                summed[width:] = _ZERO
                add_product(weights.out[layer], gated, summed)
                _add(summed[:width], here)
                _add(summed[width:], skip[number])
        for number in range(n):
            _tell(weights, skip[number], predicted[number], task.said[number])
            _settle(task, place, number)
            _keep(weights, memory, task, place, number)


@kernel(is_inner=True)
def _listen(weights: WaveWeights, memory: WaveMemory, place: int, number: int, inputs: FloatArray) -> None:
    """What goes into the first layer: the newest samples, the last one first, silence before the first; the waves."""
    inputs[:] = _ZERO
    for tap in range(min(weights.n_taps, place)):
        inputs[2 * tap : 2 * tap + 2] = memory.left[number, place - tap - 1]
    n_heard, n_waves = 2 * weights.n_taps, memory.waves.shape[2]
    inputs[n_heard : n_heard + n_waves] = memory.waves[number, place]
    if weights.n_mixtures:
        inputs[n_heard + n_waves] = _companded(memory.source[number, place])
        inputs[n_heard + n_waves + 1] = memory.source[number, place]


@kernel(is_inner=True)
def _predicted(source: np.float32, inputs: FloatArray, taps: FloatArray) -> np.float32:
    """The linear prediction of a sample out of the source and what it left of those before, on the scale of the law."""
    total = source
    for number in range(len(taps)):
        total += taps[number] * inputs[2 * number + 1]
    return _companded(total)


@kernel(is_inner=True)
def _companded(sample: np.float32) -> np.float32:
    size = np.float32(math.log1p(abs(sample) * _MU)) * _LAW
    return -size if sample < _ZERO else size


@kernel(is_inner=True)
def _keep(weights: WaveWeights, memory: WaveMemory, task: WaveTask, place: int, number: int) -> None:
    """Note what the source leaves of a settled sample."""
    memory.left[number, place] = weights.scale[task.levels[number, place]]
    if weights.n_mixtures:
        left = memory.left[number, place, 1] - memory.source[number, place]
        memory.left[number, place, 0] = _companded(left)
        memory.left[number, place, 1] = left


@kernel(fast_math=True, is_inner=True)
def add_product(matrix: FloatArray, source: FloatArray, target: FloatArray) -> None:
    """target += source @ matrix, eight inputs at once, so that the target is read and written an eighth as often.

    Args:
        matrix: (n_in, n_out). source: (n_in,). target: (n_out,).
    """
    n_in, n_out = matrix.shape
    whole = n_in // 8 * 8
    for row in range(0, whole, 8):
        a, b, c, d = source[row], source[row + 1], source[row + 2], source[row + 3]
        e, f, g, h = source[row + 4], source[row + 5], source[row + 6], source[row + 7]
        for column in range(n_out):
            one = matrix[row, column] * a + matrix[row + 1, column] * b
            two = matrix[row + 2, column] * c + matrix[row + 3, column] * d
            three = matrix[row + 4, column] * e + matrix[row + 5, column] * f
            four = matrix[row + 6, column] * g + matrix[row + 7, column] * h
            target[column] += (one + two) + (three + four)
    for row in range(whole, n_in):
        for column in range(n_out):
            target[column] += matrix[row, column] * source[row]


@kernel(is_inner=True)
def _gate(maps: FloatArray, gated: FloatArray) -> None:
    width = len(gated)
    for number in range(width):
        gated[number] = tanh(maps[number]) * sigmoid(maps[width + number])


@kernel(is_inner=True)
def _add(x: FloatArray, target: FloatArray) -> None:
    for number in range(len(target)):
        target[number] += x[number]


@kernel(is_inner=True)
def _rectified(x: FloatArray) -> FloatArray:
    y = np.empty_like(x)
    for number in range(len(x)):
        y[number] = max(x[number], _ZERO)
    return y


@kernel(is_inner=True)
def _tell(weights: WaveWeights, skip: FloatArray, predicted: np.float32, said: FloatArray) -> None:
    """Write the logarithms of the probabilities that follow from what all layers handed over."""
    inner = weights.inner_bias.copy()
    add_product(weights.inner, _rectified(skip), inner)
    if weights.n_mixtures:
        outputs = weights.last_bias.copy()
        add_product(weights.last, _rectified(inner), outputs)
        outputs[weights.n_mixtures : 2 * weights.n_mixtures] += predicted
        log_mixture(outputs, weights.n_mixtures, said)
        return
    said[:] = weights.last_bias
    add_product(weights.last, _rectified(inner), said)
    shift = said.max()
    shift += np.float32(math.log(_weights(said, shift, np.float32(1.0)).sum()))
    for level in range(len(said)):
        said[level] -= shift


@kernel(fast_math=True, is_inner=True)
def _weights(said: FloatArray, highest: np.float32, temperature: np.float32) -> FloatArray:
    result, sharper = np.empty_like(said), np.float32(1.0) / temperature
    for level in range(len(said)):
        result[level] = exp((said[level] - highest) * sharper)
    return result


@kernel()
def drawn_level(said: FloatArray, draw: np.float32, temperature: np.float32) -> int:
    """The level at which the cumulative probabilities, sharpened by the temperature, pass `draw` in [0, 1)."""
    weights = _weights(said, said.max(), temperature)
    total = 0.0
    for level in range(len(weights)):
        total += weights[level]
    wanted, passed = draw * total, 0.0
    for level in range(len(weights)):
        passed += weights[level]
        if passed > wanted:
            return level
    return int(said.argmax())


@kernel(is_inner=True)
def _settle(task: WaveTask, place: int, number: int) -> None:
    """Draw the level of a sample where it is not given."""
    if place >= task.n_given:
        task.levels[number, place] = drawn_level(task.said[number], task.draws[number, place], task.temperature)
    task.surprise[number, place] = -task.said[number, task.levels[number, place]] * _BITS
