"""One layer of a decoder for one token, and its head, each as one compiled call over the decoder's own weights.

Shape letters: D width, N heads, G heads of keys and values, H numbers of a head, L layers, M outputs of
`up`, V vocabulary.
"""

import math

import numpy as np

from studio.api.kernel import kernel

from .step_attention import attend, note
from .step_maths import activate, add, cap, exp, layer_normed, length, multiply, rms_normed
from .step_weights import Choices, FloatArray, LayerWeights, NormWeights, Place, Scratch


@kernel()
def layer_step(
    x: FloatArray,
    layer: int,
    weights: LayerWeights,
    choices: Choices,
    place: Place,
    memory: FloatArray,
    rows: FloatArray,
    norms: FloatArray,
    scratch: Scratch,
) -> None:
    """Let a layer add its part to the residual stream `x` (D,), and write its length into `norms` (L + 1,).

    Keys and values of the token become number `n_old` in `memory` (2L, 1, G, room, H); its attention goes into `rows`
    (L, N, room).
    """
    normed, seen, thought = scratch.normed, scratch.seen, scratch.thought
    keys, values = memory[2 * layer, 0], memory[2 * layer + 1, 0]
    _norm(x, weights.attention_norm, choices, normed)
    multiply(weights.qkv, normed, weights.qkv_bias, scratch.qkv)
    note(scratch.qkv, weights, choices, place, keys, values)
    attend(scratch.qkv, choices, place, place.heads_off[layer], keys, values, rows[layer], scratch.read)
    multiply(weights.out, scratch.read, weights.out_bias, seen)
    _norm_again(seen, weights.attention_post_norm, choices)
    if choices.is_parallel:
        _norm(x, weights.mlp_norm, choices, normed)
        add(x, seen)
    else:
        add(x, seen)
        _norm(x, weights.mlp_norm, choices, normed)
    _think(normed, weights, choices, scratch.inner, thought)
    _norm_again(thought, weights.mlp_post_norm, choices)
    add(x, thought)
    norms[layer + 1] = length(x)


@kernel()
def head_step(
    x: FloatArray,
    norm: NormWeights,
    matrix: FloatArray,
    bias: FloatArray,
    choices: Choices,
    normed: FloatArray,
    y: FloatArray,
) -> None:
    """Turn the residual stream (D,) into log-probabilities `y` (V,) of what comes next."""
    _norm(x, norm, choices, normed)
    multiply(matrix, normed, bias, y)
    cap(y, choices.logit_cap)
    _log_softmax(y)


@kernel(is_inner=True)
def _norm(x: FloatArray, norm: NormWeights, choices: Choices, y: FloatArray) -> None:
    if not len(norm.weight):
        y[:] = x
    elif choices.is_rms:
        rms_normed(x, norm.weight, choices.norm_offset, choices.norm_eps, y)
    else:
        layer_normed(x, norm.weight, norm.bias, choices.norm_eps, y)


@kernel(is_inner=True)
def _norm_again(x: FloatArray, norm: NormWeights, choices: Choices) -> None:
    """Norm what attention or MLP gave, where there is a norm for that."""
    if len(norm.weight):
        _norm(x, norm, choices, x)


@kernel(is_inner=True)
def _think(
    normed: FloatArray, weights: LayerWeights, choices: Choices, inner: FloatArray, thought: FloatArray
) -> None:
    """The MLP; a gated one has its gates first."""
    multiply(weights.up, normed, weights.up_bias, inner)
    half = weights.down.shape[1]
    activate(inner[:half], choices.activation)
    if choices.is_gated:
        for number in range(half):
            inner[number] *= inner[half + number]
    multiply(weights.down, inner[:half], weights.down_bias, thought)


@kernel(fast_math=True, is_inner=True)
def _log_softmax(x: FloatArray) -> None:
    highest, total = x.max(), np.float32(0.0)
    for place in range(len(x)):
        total += exp(x[place] - highest)
    shift = highest + np.float32(math.log(total))
    for place in range(len(x)):
        x[place] -= shift
