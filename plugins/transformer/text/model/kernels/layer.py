"""One layer of a decoder for one token, its attention and its head, as compiled calls over its own weights.

Shape letters: D width, N heads, G heads of keys and values, H numbers of a head, L layers, M outputs of `up`, S tokens
seen, V vocabulary.
"""

import math
from typing import Final

import numpy as np

from studio.api.kernel import kernel

from .matrix import multiply
from .step_maths import activate, add, cap, exp, layer_normed, length, rms_normed
from .step_weights import ByteArray, Choices, FloatArray, LayerWeights, Matrix, NormWeights, Scratch, StepPlace

_NOTHING: Final = np.float32(0.0)
_NOWHERE: Final = np.float32(-np.inf)


@kernel(is_inner=True)
def note(
    qkv: FloatArray, weights: LayerWeights, choices: Choices, place: StepPlace, keys: FloatArray, values: FloatArray
) -> None:
    """Norm and turn the token's queries and keys, and write its keys and values into (G, room, H)."""
    width, n_heads, n_kv = choices.head_width, choices.n_heads, choices.n_kv_heads
    _norm_heads(qkv[: n_heads * width], weights.q_norm, choices)
    _norm_heads(qkv[n_heads * width : (n_heads + n_kv) * width], weights.k_norm, choices)
    for head in range(n_heads + n_kv):
        _turn(qkv[head * width : (head + 1) * width], place.cosines, place.sines)
    for head in range(n_kv):
        first = (n_heads + head) * width
        keys[head, place.n_old] = qkv[first : first + width]
        first += n_kv * width
        values[head, place.n_old] = qkv[first : first + width]


@kernel(is_inner=True)
def _norm_heads(x: FloatArray, weight: FloatArray, choices: Choices) -> None:
    """Norm as many numbers at a time as there are weights: those of a head, or of all; (0,) for no norm."""
    if len(weight):
        for first in range(0, len(x), len(weight)):
            part = x[first : first + len(weight)]
            rms_normed(part, weight, choices.norm_offset, choices.norm_eps, part)


@kernel(fast_math=True, is_inner=True)
def attend(
    queries: FloatArray,
    sinks: FloatArray,
    choices: Choices,
    place: StepPlace,
    is_off: ByteArray,
    keys: FloatArray,
    values: FloatArray,
    rows: FloatArray,
    read: FloatArray,
) -> None:
    """What each head reads (N H,), and its shares of the tokens in `rows` (N, room); nothing where it is off (N,).

    Heads that share keys lie side by side.
    """
    width, n_shared = choices.head_width, choices.n_heads // choices.n_kv_heads
    n_seen = place.n_old + 1
    first = max(0, n_seen - place.window) if place.window else 0
    for head in range(choices.n_heads):
        query, its_keys = queries[head * width : (head + 1) * width], keys[head // n_shared]
        row = rows[head, :n_seen]
        row[:first] = _NOTHING
        for token in range(first, n_seen):
            total = _NOTHING
            for number in range(width):
                total += query[number] * its_keys[token, number]
            row[token] = total * choices.attention_scale
        cap(row[first:], choices.attention_cap)
        if len(choices.slopes):
            for token in range(first, n_seen):
                row[token] += choices.slopes[head] * np.float32(token - place.n_old)
        _softmax(row[first:], place.words_off[first:], sinks[head : head + 1])
        result, its_values = read[head * width : (head + 1) * width], values[head // n_shared]
        result[:] = _NOTHING
        if is_off[head]:
            continue
        for token in range(first, n_seen):
            share = row[token]
            for number in range(width):
                result[number] += share * its_values[token, number]


@kernel(is_inner=True)
def _turn(x: FloatArray, cosines: FloatArray, sines: FloatArray) -> None:
    """Turn the first numbers of a head by the angles of its place, the first half of them paired with the second."""
    half = len(cosines)
    for pair in range(half):
        first, second = x[pair], x[half + pair]
        x[pair] = first * cosines[pair] - second * sines[pair]
        x[half + pair] = second * cosines[pair] + first * sines[pair]


@kernel(is_inner=True)
def _softmax(x: FloatArray, is_off: ByteArray, sink: FloatArray) -> None:
    """Of scores; what is off has no share, but for the last one: that is the token itself. A sink's share is lost."""
    for place in range(len(is_off) - 1):
        if is_off[place]:
            x[place] = _NOWHERE
    highest, total = x.max(), _NOTHING
    for place in range(len(sink)):
        highest = max(highest, sink[place])
        total += exp(sink[place] - highest)
    for place in range(len(x)):
        x[place] = exp(x[place] - highest)
        total += x[place]
    for place in range(len(is_off) - 1):
        if is_off[place]:
            x[place] = _NOTHING
    for place in range(len(x)):
        x[place] /= total


@kernel()
def layer_step(
    x: FloatArray,
    layer: int,
    weights: LayerWeights,
    choices: Choices,
    place: StepPlace,
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
    attend(scratch.qkv, weights.sinks, choices, place, place.heads_off[layer], keys, values, rows[layer], scratch.read)
    multiply(weights.out, scratch.read, weights.out_bias, seen)
    _norm_again(seen, weights.attention_post_norm, choices)
    if choices.is_parallel:
        _norm(x, weights.mlp_norm, choices, normed)
        add(x, seen, choices.residual_scale)
    else:
        add(x, seen, choices.residual_scale)
        _norm(x, weights.mlp_norm, choices, normed)
    _think(normed, weights, choices, scratch.inner, thought)
    _norm_again(thought, weights.mlp_post_norm, choices)
    add(x, thought, choices.residual_scale)
    norms[layer + 1] = length(x)


@kernel()
def head_step(
    x: FloatArray,
    norm: NormWeights,
    matrix: Matrix,
    bias: FloatArray,
    choices: Choices,
    normed: FloatArray,
    y: FloatArray,
) -> float:
    """Turn the residual stream (D,) into log-probabilities `y` (V,) of what comes next.

    Returns what was subtracted from the logits to get these.
    """
    _norm(x, norm, choices, normed)
    multiply(matrix, normed, bias, y)
    for token in range(len(y)):
        y[token] *= choices.logit_scale
    cap(y, choices.logit_cap)
    return _log_softmax(y)


@kernel(is_inner=True)
def _norm(x: FloatArray, norm: NormWeights, choices: Choices, y: FloatArray) -> None:
    if not len(norm.weight):
        y[:] = x
    elif choices.is_rms:
        rms_normed(x, norm.weight, choices.norm_offset, choices.norm_eps, y)
    else:
        layer_normed(x, norm.weight, norm.bias, choices.norm_offset, choices.norm_eps, y)


@kernel(is_inner=True)
def _norm_again(x: FloatArray, norm: NormWeights, choices: Choices) -> None:
    """Norm what attention or MLP gave, where there is a norm for that."""
    if len(norm.weight):
        _norm(x, norm, choices, x)


@kernel(is_inner=True)
def _think(normed: FloatArray, weights: LayerWeights, choices: Choices, inner: FloatArray, thought: FloatArray) -> None:
    """The MLP; a gated one has its gates first."""
    multiply(weights.up, normed, weights.up_bias, inner)
    half = len(inner) // 2 if choices.is_gated else len(inner)
    activate(inner[:half], choices.activation)
    if choices.is_gated:
        for number in range(half):
            inner[number] *= inner[half + number]
    multiply(weights.down, inner[:half], weights.down_bias, thought)


@kernel(fast_math=True, is_inner=True)
def _log_softmax(x: FloatArray) -> float:
    highest, total = x.max(), np.float32(0.0)
    for place in range(len(x)):
        total += exp(x[place] - highest)
    shift = highest + np.float32(math.log(total))
    for place in range(len(x)):
        x[place] -= shift
    return float(shift)
