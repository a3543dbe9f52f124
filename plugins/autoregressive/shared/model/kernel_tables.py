"""What the kernels of pixels are called with: plain tuples of arrays and numbers.

Shape letters: B pictures, C kinds, D width, E width of the head, H W pixels, L layers, M = B or B C passes of the
network, O outputs of the head, R and r reach of the first and the later layers, P = H W places, S width of the skips,
K kinds of passes, V levels.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]
DoubleArray: TypeAlias = npt.NDArray[np.float64]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
IntArray: TypeAlias = npt.NDArray[np.int64]


class HeadWeights(NamedTuple):
    """(E, D), (E,), (O, E), (O,), and how many logistics there are, 0 for a softmax."""

    inner: FloatArray
    inner_bias: FloatArray
    last: FloatArray
    last_bias: FloatArray
    n_mixtures: int


class GatedWeights(NamedTuple):
    """Those of a `GatedPixelCNN`, matrices (n out, n in), one for each row or column that is looked at.

    Attributes:
        first_vertical, first_horizontal: (R, 2D, 2R + 1) and (2D, R).
        vertical, horizontal: (L - 1, r + 1, 2D, (2r + 1) D) and (L - 1, r + 1, 2D, D), the farthest first.
        across, out: (L, 2D, 2D) and (L, D, D).
        vertical_bias, horizontal_bias, out_bias: (L, 2D), (L, 2D), (L, D).
        labels: (L, C, 4D).
        skip, skip_bias: (L, S, D) and (S,), of all layers together; S is 0 where the head sees the last layer alone.
    """

    first_vertical: FloatArray
    first_horizontal: FloatArray
    vertical: FloatArray
    horizontal: FloatArray
    across: FloatArray
    out: FloatArray
    vertical_bias: FloatArray
    horizontal_bias: FloatArray
    out_bias: FloatArray
    labels: FloatArray
    skip: FloatArray
    skip_bias: FloatArray
    head: HeadWeights


class GatedMemory(NamedTuple):
    """What is kept of a run of a `GatedPixelCNN`.

    Attributes:
        pictures: (M, H + R, W + 2R) from -1 to 1, 0 around them.
        rows: (L, r + 1, M, (W + 2r) D) the last rows of the vertical stack, row y in place y mod (r + 1).
        across: (L, M, W, 2D) what it hands to the horizontal stack in this row, biases and kinds included.
        left: (L, r + 1, M, D) the last pixels of the horizontal stack, pixel x in place x mod (r + 1).
        kind_maps: (K, H, W, 4D) what each kind of these passes says about its places; (K, 0, 0, 4D) where none does.
        map_of: (M,) which of them is a pass's.
    """

    pictures: FloatArray
    rows: FloatArray
    across: FloatArray
    left: FloatArray
    kind_maps: FloatArray
    map_of: IntArray


class RowWeights(NamedTuple):
    """Those of a `RowLSTM`, which has L - 1 layers behind its first one.

    Attributes:
        first_above, first_left, first_bias: (R, D, 2R + 1), (D, R), (D,).
        inputs, states: (L - 1, r + 1, 4D, D), the farthest first, and (L - 1, 4D, (2r + 1) D).
        bias, labels: (L - 1, 4D) and (L - 1, C, 4D).
        out, out_bias: (L - 1, D, D) and (L - 1, D).
    """

    first_above: FloatArray
    first_left: FloatArray
    first_bias: FloatArray
    inputs: FloatArray
    states: FloatArray
    bias: FloatArray
    labels: FloatArray
    out: FloatArray
    out_bias: FloatArray
    head: HeadWeights


class RowMemory(NamedTuple):
    """What is kept of a run of a `RowLSTM`.

    Attributes:
        pictures: (M, H + R, W + 2R) from -1 to 1, 0 around them.
        hidden: (L - 1, M, (W + 2r) D) of the row above, and of this row as far as it goes.
        cells: (L - 1, M, W, D) the same of the cells.
        above: (L - 1, M, W, 4D) what the states above give to the gates of this row, biases and kinds included.
        left: (L - 1, r + 1, M, D) what the last pixels of the row gave to each layer, x in place x mod (r + 1).
        kind_maps: (K, H, W, 4D) what each kind of these passes says about its places; (K, 0, 0, 4D) where none does.
        map_of: (M,) which of them is a pass's.
    """

    pictures: FloatArray
    hidden: FloatArray
    cells: FloatArray
    above: FloatArray
    left: FloatArray
    kind_maps: FloatArray
    map_of: IntArray


class PixelTask(NamedTuple):
    """Which pictures are made, and what became of them.

    Attributes:
        labels: (B,) their kinds.
        values: (B, P) uint8, those that are kept and those that were drawn.
        kept: (B, P) 1 where a value stays as it is.
        draws: (B, P) in [0, 1), one number for each place.
        temperature: by which logarithms are divided.
        guidance: how strongly values are preferred that make the kind likelier; 0 leaves it to the kind's own law.
        passes: (M,) the kind of each pass of the network: the pictures' own or, with guidance, all C of each picture.
        evidence: (B, C) logarithm of what each kind gives to the settled values together; (B, 0) without guidance.
        said: (P, B, V) logarithms of the probabilities at each place, before guidance and temperature.
        law: (P, B, V) what is drawn from, but for the temperature and a constant: `said` itself without guidance.
        surprise: (B, P) of the settled values by `said`, in bits.
    """

    labels: IntArray
    values: ByteArray
    kept: ByteArray
    draws: FloatArray
    temperature: np.float32
    guidance: np.float32
    passes: IntArray
    evidence: DoubleArray
    said: FloatArray
    law: FloatArray
    surprise: FloatArray
