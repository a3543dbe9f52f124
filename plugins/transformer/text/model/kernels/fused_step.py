"""Reads one token with a compiled call for each layer, where torch needs some twenty and a new array for each.

What `Decoder` computes, within rounding, and the same bits every time. Shape letters: L layers, N heads, S tokens
seen, D width, V vocabulary.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.pausing import pause

from ..ablation_mask import AblationMask
from ..attention_mask import alibi_slopes
from ..cache import KeyValueCache
from ..config import DecoderConfig
from ..decoder import MLP, NOTHING_ABLATED, Decoder, DecoderBlock, DecoderNorm
from ..low_rank import AdaptedLinear
from ..quantised_layers import QuantisedEmbedding, QuantisedLinear
from .layer import head_step, layer_step
from .step_maths import GELU, GELU_TANH, RELU, RELU2, SILU
from .step_weights import ByteArray, Choices, FloatArray, LayerWeights, Matrix, NormWeights, Scratch, StepPlace

WARM_UP: Final = f"{__package__.rsplit('.', 2)[0]}.warm_up"
_ACTIVATIONS: Final = {"gelu": GELU, "gelu_tanh": GELU_TANH, "silu": SILU, "relu": RELU, "relu2": RELU2}
_NONE: Final = np.zeros(0, np.float32)
_NO_NUMBERS: Final = np.zeros((0, 0), np.float32)
_NO_CODES: Final = np.zeros((0, 0), np.uint8)
_NONE_OFF: Final = np.zeros(0, np.uint8)


@dataclass(frozen=True, eq=False)
class DecoderStep:
    """What is known after a token.

    Attributes:
        log_probabilities: of what comes next, (V,).
        log_normaliser: what was subtracted from the logits to get these.
        attention: of the token (L, N, S); another one's as soon as that is read.
        norms: lengths of its residual stream (L + 1,).
    """

    log_probabilities: FloatArray
    log_normaliser: float
    attention: FloatArray
    norms: FloatArray


class FusedStep:
    """The single-token path of one decoder, over its own weights: nothing is copied but the few of an adapter.

    Every kind of decoder that `DecoderConfig` can say is covered but mixtures of experts, with heads, layers and words
    switched off, but only with weights in the memory of the processor that are float32 or quantised.
    """

    def __init__(self, decoder: Decoder) -> None:
        """`can_read` says whether the decoder is one that this is for."""
        self._decoder, self._config = decoder, decoder.config
        self._choices = _choices(decoder.config)
        self._layers = [_layer(block) for block in decoder.blocks]
        self._scratch = _scratch(decoder.config)
        self._norm = _norm(decoder.norm)
        self._tokens = decoder.tokens
        self._positions = None if decoder.positions is None else _array(decoder.positions.weight)
        self._head = _matrix(decoder.tokens if decoder.head is None else decoder.head)
        self._head_bias = _NONE if decoder.head is None else _array(decoder.head.bias)
        unturned = decoder.config.unturned_layers
        self._kinds = [(decoder.config.window_of(at), at in unturned) for at in range(decoder.config.n_layers)]
        self._rows = np.empty((decoder.config.n_layers, decoder.config.n_heads, 0), np.float32)
        self._set_muting(NOTHING_ABLATED)

    @classmethod
    def of(cls, decoder: Decoder) -> Self | None:
        """Return the step of a decoder; None where its weights are stored in half, or on another device."""
        return cls(decoder) if can_read(decoder) else None

    def read(self, token: int, cache: KeyValueCache, ablation: AblationMask = NOTHING_ABLATED) -> DecoderStep:
        """Read the token that comes after those in the cache, which follows one text and then has it too."""
        n_old, config = cache.n_tokens, self._config
        cache.reserve(n_old + 1)
        if ablation is not self._ablation:
            self._set_muting(ablation)
        memory = cache.rows.numpy()  # (2L, 1, G, room, H)
        self._make_room(memory.shape[3])
        x = self._embedded(token, n_old)
        norms = np.empty(config.n_layers + 1, np.float32)
        norms[0] = np.sqrt(x @ x)
        places, vectors = self._places(n_old), ablation.steering.vectors
        for layer, weights in enumerate(self._layers):
            before = x.copy() if layer in ablation.layers else None
            place = places[self._kinds[layer]]
            layer_step(x, layer, weights, self._choices, place, memory, self._rows, norms, self._scratch)
            if before is not None:
                x, norms[layer + 1] = before, norms[layer]
            if layer in vectors:
                x += vectors[layer]
                norms[layer + 1] = np.sqrt(x @ x)
            pause()
        cache.advance(1)
        said = np.empty(config.n_vocab, np.float32)
        level = head_step(x, self._norm, self._head, self._head_bias, self._choices, self._scratch.normed, said)
        return DecoderStep(said, level, self._rows[:, :, : n_old + 1], norms)

    def _embedded(self, token: int, n_old: int) -> FloatArray:
        table = self._tokens
        row = table.rows(np.array([token])) if isinstance(table, QuantisedEmbedding) else table.weight[token]
        x: FloatArray = row.detach().numpy().reshape(-1) * np.float32(self._config.embedding_scale)
        if self._positions is not None:
            x += self._positions[n_old]
        if self._config.has_embedding_norm:
            x = self._decoder.embedding_norm(torch.from_numpy(x)).numpy()
        return x

    def _places(self, n_old: int) -> dict[tuple[int, bool], StepPlace]:
        """By the window of a layer, and whether it knows of no positions."""
        words_off = _NONE_OFF
        if self._words:
            words_off = np.zeros(n_old + 1, np.uint8)
            words_off[[word for word in self._words if word <= n_old]] = 1
        places: dict[tuple[int, bool], StepPlace] = {}
        for layer, kind in enumerate(self._kinds):
            if kind in places:
                continue
            turns = self._decoder.turns(n_old, 1, layer)
            cosines, sines = (_NONE, _NONE) if turns is None else (turns[0].numpy()[0], turns[1].numpy()[0])
            places[kind] = StepPlace(n_old, kind[0], cosines, sines, self._heads_off, words_off)
        return places

    def _set_muting(self, ablation: AblationMask) -> None:
        self._ablation, self._words = ablation, ablation.words
        self._heads_off: ByteArray = np.zeros((self._config.n_layers, self._config.n_heads), np.uint8)
        for layer, head in ablation.heads:
            self._heads_off[layer, head] = 1

    def _make_room(self, room: int) -> None:
        if self._rows.shape[2] < room:
            self._rows = np.empty((*self._rows.shape[:2], room), np.float32)


def can_read(decoder: Decoder) -> bool:
    """Whether there are no experts, and all weights are float32 or quantised, here, in one piece."""
    if decoder.config.n_experts:
        return False
    kinds = (nn.Linear, nn.Embedding)
    layers = (one for one in decoder.modules() if isinstance(one, kinds))
    return all(type(one) in kinds for one in layers) and all(
        weight.device.type == "cpu" and weight.dtype == torch.float32 and weight.is_contiguous()
        for weight in decoder.parameters()
    )


def _array(weight: Tensor | None) -> FloatArray:
    return _NONE if weight is None else weight.detach().numpy()


def _norm(norm: nn.Module) -> NormWeights:
    return (
        NormWeights(_array(norm.weight), _array(norm.bias))
        if isinstance(norm, DecoderNorm)
        else NormWeights(_NONE, _NONE)
    )


def _layer(block: nn.Module) -> LayerWeights:
    assert isinstance(block, DecoderBlock)
    attention, mlp = block.attention, block.mlp
    assert isinstance(mlp, MLP)
    has_inner = attention.config.has_qk_norm
    return LayerWeights(
        *_linear(attention.qkv),
        *_linear(attention.out),
        *_linear(mlp.up),
        *_linear(mlp.down),
        attention_norm=_norm(block.attention_norm),
        mlp_norm=_norm(block.mlp_norm),
        attention_post_norm=_norm(block.attention_post_norm),
        mlp_post_norm=_norm(block.mlp_post_norm),
        q_norm=_array(attention.q_norm.weight if has_inner else None),
        k_norm=_array(attention.k_norm.weight if has_inner else None),
        sinks=_array(attention.sinks),
    )


def _linear(layer: nn.Module) -> tuple[Matrix, FloatArray]:
    base = layer.base if isinstance(layer, AdaptedLinear) else layer
    assert isinstance(base, nn.Linear | QuantisedLinear)
    return _matrix(layer), _array(base.bias)


def _matrix(layer: nn.Module) -> Matrix:
    if isinstance(layer, AdaptedLinear):
        down, up = layer.matrices()
        return _matrix(layer.base)._replace(down=down.numpy(), up=up.numpy())
    if isinstance(layer, QuantisedLinear | QuantisedEmbedding):
        codes = layer.codes.numpy(), layer.scales.numpy(), layer.minima.numpy()
        return Matrix(_NO_NUMBERS, *codes, _NO_NUMBERS, _NO_NUMBERS)
    assert isinstance(layer, nn.Linear | nn.Embedding)
    return Matrix(_array(layer.weight), _NO_CODES, *(_NO_NUMBERS,) * 4)


def _choices(config: DecoderConfig) -> Choices:
    return Choices(
        n_heads=config.n_heads,
        n_kv_heads=config.n_kv_heads,
        head_width=config.head_width,
        is_rms=config.norm == "rms",
        norm_offset=np.float32(config.norm_offset),
        norm_eps=np.float32(config.norm_eps),
        activation=_ACTIVATIONS[config.activation],
        is_gated=config.is_gated,
        is_parallel=config.is_parallel,
        attention_scale=np.float32(config.scale),
        attention_cap=np.float32(config.attention_cap),
        logit_cap=np.float32(config.logit_cap),
        residual_scale=np.float32(config.residual_scale),
        logit_scale=np.float32(config.logit_scale),
        slopes=_slopes(config),
    )


def _slopes(config: DecoderConfig) -> FloatArray:
    if config.positions != "alibi":
        return _NONE
    slopes: FloatArray = (alibi_slopes(config.n_heads) * config.alibi_scale).numpy()
    return slopes


def _scratch(config: DecoderConfig) -> Scratch:
    n_read = config.n_heads * config.head_width
    n_qkv = n_read + 2 * config.n_kv_heads * config.head_width
    n_inner = config.mlp_width * (2 if config.is_gated else 1)
    sizes = (config.width, n_qkv, n_read, n_inner, config.width, config.width)
    return Scratch(*(np.empty(size, np.float32) for size in sizes))
