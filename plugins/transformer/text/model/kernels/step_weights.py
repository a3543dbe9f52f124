"""What the kernels of a step are called with: plain tuples of arrays and numbers, in the shapes that `decoder` has.

Shape letters: D width, N heads, G heads of keys and values, H numbers of a head, R numbers of a head that are turned,
S tokens seen, L layers, M outputs of `up`.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]
ByteArray: TypeAlias = npt.NDArray[np.uint8]


class NormWeights(NamedTuple):
    """(D,) each; (0,) where there is no such norm, or no such bias."""

    weight: FloatArray
    bias: FloatArray


class Matrix(NamedTuple):
    """A matrix as numbers (n out, n in), or where these are (0, 0) as codes: see `quantised_layers`.

    The product of `up` (n out, K) and `down` (K, n in), of an adapter, is added to it; (0, 0) where there is none.
    """

    numbers: FloatArray
    codes: ByteArray
    scales: FloatArray
    minima: FloatArray
    down: FloatArray
    up: FloatArray


class LayerWeights(NamedTuple):
    """The weights of a `decoder.DecoderBlock`; a vector that it lacks is (0,)."""

    qkv: Matrix
    qkv_bias: FloatArray
    out: Matrix
    out_bias: FloatArray
    up: Matrix
    up_bias: FloatArray
    down: Matrix
    down_bias: FloatArray
    attention_norm: NormWeights
    mlp_norm: NormWeights
    attention_post_norm: NormWeights
    mlp_post_norm: NormWeights
    q_norm: FloatArray
    k_norm: FloatArray
    sinks: FloatArray


class Choices(NamedTuple):
    """What of a `DecoderConfig` decides how a layer computes; `activation` is a number of `step_maths`.

    `slopes` are those of alibi, (N,), or (0,).
    """

    n_heads: int
    n_kv_heads: int
    head_width: int
    is_rms: bool
    norm_offset: np.float32
    norm_eps: np.float32
    activation: int
    is_gated: bool
    is_parallel: bool
    attention_scale: np.float32
    attention_cap: np.float32
    logit_cap: np.float32
    residual_scale: np.float32
    logit_scale: np.float32
    slopes: FloatArray


class Scratch(NamedTuple):
    """Room for what lies between: (D,), ((N + 2G) H,), (N H,), (M,), (D,), (D,)."""

    normed: FloatArray
    qkv: FloatArray
    read: FloatArray
    inner: FloatArray
    seen: FloatArray
    thought: FloatArray


class StepPlace(NamedTuple):
    """What a layer has to know of where the token stands.

    Attributes:
        n_old: tokens before it.
        window: how many it looks back over, itself included; 0 for all.
        cosines, sines: of its position (R / 2,); (0,) where positions are learnt.
        heads_off: (L, N); words_off: (S,), or (0,) where none is. 1 is off.
    """

    n_old: int
    window: int
    cosines: FloatArray
    sines: FloatArray
    heads_off: ByteArray
    words_off: ByteArray
