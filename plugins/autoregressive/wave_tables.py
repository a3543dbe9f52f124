"""What the kernel of sounds is called with: plain tuples of arrays and numbers.

Shape letters: B sounds, T samples, F stretches, D width, L layers, N numbers into the first layer, R = the sum of all
dilations, S width of the skips, V levels, W waves, P coefficients of the linear
prediction, O numbers of the head.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
IntArray: TypeAlias = npt.NDArray[np.int64]


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
