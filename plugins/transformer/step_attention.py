"""The attention of one token as compiled loops: what each head reads, and the shares of all tokens that it sees.

Shape letters: N heads, G heads of keys and values, H numbers of a head, S tokens seen.
"""

from typing import Final

import numpy as np

from studio.api.kernel import kernel

from .step_maths import cap, exp, rms_normed
from .step_weights import ByteArray, Choices, FloatArray, LayerWeights, Place

_NOTHING: Final = np.float32(0.0)
_NOWHERE: Final = np.float32(-np.inf)


@kernel(is_inner=True)
def note(
    qkv: FloatArray, weights: LayerWeights, choices: Choices, place: Place, keys: FloatArray, values: FloatArray
) -> None:
    """Norm and turn the token's queries and keys, and write its keys and values into (G, room, H)."""
    width, n_heads, n_kv = choices.head_width, choices.n_heads, choices.n_kv_heads
    for head in range(n_heads + n_kv):
        vector = qkv[head * width : (head + 1) * width]
        weight = weights.q_norm if head < n_heads else weights.k_norm
        if len(weight):
            rms_normed(vector, weight, choices.norm_offset, choices.norm_eps, vector)
        _turn(vector, place.cosines, place.sines)
    for head in range(n_kv):
        first = (n_heads + head) * width
        keys[head, place.n_old] = qkv[first : first + width]
        first += n_kv * width
        values[head, place.n_old] = qkv[first : first + width]


@kernel(fast_math=True, is_inner=True)
def attend(
    queries: FloatArray,
    choices: Choices,
    place: Place,
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
        _softmax(row[first:], place.words_off[first:])
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
def _softmax(x: FloatArray, is_off: ByteArray) -> None:
    """Of scores; what is off has no share, but for the last one: that is the token itself."""
    for place in range(len(is_off) - 1):
        if is_off[place]:
            x[place] = _NOWHERE
    highest, total = x.max(), _NOTHING
    for place in range(len(x)):
        x[place] = exp(x[place] - highest)
        total += x[place]
    for place in range(len(is_off) - 1):
        if is_off[place]:
            x[place] = _NOTHING
    for place in range(len(x)):
        x[place] /= total
