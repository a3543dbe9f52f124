"""An encoder–decoder built of the parts that its configuration names: T5, BART and Marian are rows of one table.

It remembers what it has read of a target as `encoder_decoder.Memory`. Shape letters: B texts, S source tokens, T new
target tokens, P places looked at, W width, N heads, H numbers of a head, V vocabulary.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .encoder_decoder import Memory
from .seq2seq_config import OFFSET, Activation, Seq2SeqConfig, SideConfig

_ACTIVATIONS: Final[Mapping[Activation, Callable[[Tensor], Tensor]]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
    "silu": F.silu,
}


def sines(first: int, n_tokens: int, width: int, device: torch.device) -> Tensor:
    """Sines, then cosines, of each place, (n_tokens, W), as Marian lays them out."""
    rates = torch.arange(0, width, 2, device=device, dtype=torch.float64) / width
    angles = torch.arange(first, first + n_tokens, device=device)[:, None] / 10_000**rates
    return torch.cat([angles.sin(), angles.cos()[:, : width // 2]], -1).float()


def distance_buckets(config: Seq2SeqConfig, first: int, n_new: int, is_encoder: bool, device: torch.device) -> Tensor:
    """The bucket of the distance from each new place to each one, (n_new, first + n_new) int64 (T5, section 2.1)."""
    places = torch.arange(first + n_new, device=device)
    ahead = places[None] - places[first:, None]
    n_buckets = config.n_buckets // 2 if is_encoder else config.n_buckets
    away = ahead.abs() if is_encoder else (-ahead).clamp(min=0)
    n_exact = n_buckets // 2
    ratio = (away.clamp(min=1).float() / n_exact).log() / math.log(config.farthest / n_exact)
    far = (n_exact + (ratio * (n_buckets - n_exact)).long()).clamp(max=n_buckets - 1)
    near = torch.where(away < n_exact, away, far)
    return near + n_buckets * (ahead > 0) if is_encoder else near


class Attention(nn.Module):
    """Attention of many heads, whose queries may look at what others have read."""

    def __init__(self, config: Seq2SeqConfig, side: SideConfig) -> None:
        super().__init__()
        inner, self.n_heads = config.inner(side), side.n_heads
        self.query, self.key, self.value = (nn.Linear(config.width, inner, config.has_biases) for _ in range(3))
        self.out = nn.Linear(inner, config.width, config.has_biases)
        self.scale = math.sqrt(side.n_heads / inner) if config.is_scaled else 1.0

    def split(self, x: Tensor) -> Tensor:
        """(B, T, N H) to (B, N, T, H)."""
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of what is looked at, (B, N, P, H) each."""
        return self.split(self.key(x)), self.split(self.value(x))

    def forward(
        self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None, seen: list[Tensor] | None
    ) -> Tensor:
        """What each token takes from the values, (B, T, W); `bias` (1, N or 1, T, P) is added to the scores.

        `seen`, where given, takes how much the heads looked at each place on average, (B, T, P).
        """
        scores = self.split(self.query(x)) @ keys.transpose(-1, -2) * self.scale
        weights = (scores if bias is None else scores + bias).softmax(-1)
        if seen is not None:
            seen.append(weights.mean(1))
        joined: Tensor = self.out((weights @ values).transpose(1, 2).flatten(2))
        return joined


class FeedForward(nn.Module):
    """What a layer does with each token by itself."""

    def __init__(self, config: Seq2SeqConfig, side: SideConfig) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, side.mlp_width, config.has_biases)
        self.gate = nn.Linear(config.width, side.mlp_width, config.has_biases) if config.is_gated else None
        self.down = nn.Linear(side.mlp_width, config.width, config.has_biases)
        self._activation = _ACTIVATIONS[config.activation]

    def forward(self, x: Tensor) -> Tensor:
        inner = self._activation(self.up(x)) if self.gate is None else self._activation(self.gate(x)) * self.up(x)
        thought: Tensor = self.down(inner)
        return thought


class Layer(nn.Module):
    """Each token looks at others of its text, then, in a decoder, at the source, then thinks by itself."""

    def __init__(self, config: Seq2SeqConfig, side: SideConfig, is_encoder: bool) -> None:
        super().__init__()
        self._is_pre = config.has_pre_norms
        self.attention, self.attention_norm = Attention(config, side), _norm(config)
        self.cross = None if is_encoder else Attention(config, side)
        self.cross_norm = None if is_encoder else _norm(config)
        self.mlp, self.mlp_norm = FeedForward(config, side), _norm(config)

    def forward(
        self, x: Tensor, bias: Tensor | None, memory: Memory | None, number: int, seen: list[Tensor] | None
    ) -> Tensor:
        """(B, T, W) of (B, T, W); a decoder goes on from its memory and keeps what it read in there."""
        x = self._added(x, self.attention_norm, partial(self._look, bias=bias, memory=memory, number=number))
        if self.cross is not None and self.cross_norm is not None and memory is not None:
            source = memory.source_keys[number], memory.source_values[number]
            read = partial(self.cross, keys=source[0], values=source[1], bias=None, seen=seen)
            x = self._added(x, self.cross_norm, read)
        return self._added(x, self.mlp_norm, self.mlp)

    def _added(self, x: Tensor, norm: nn.Module, part: Callable[[Tensor], Tensor]) -> Tensor:
        added: Tensor = x + part(norm(x)) if self._is_pre else norm(x + part(x))
        return added

    def _look(self, y: Tensor, bias: Tensor | None, memory: Memory | None, number: int) -> Tensor:
        keys, values = self.attention.read(y)
        if memory is not None:
            if number < len(memory.keys):
                keys, values = torch.cat([memory.keys[number], keys], 2), torch.cat([memory.values[number], values], 2)
            memory.keys[number : number + 1], memory.values[number : number + 1] = [keys], [values]
        looked: Tensor = self.attention(y, keys, values, bias, None)
        return looked


class Side(nn.Module):
    """The encoder or the decoder: where tokens stand, and the layers."""

    def __init__(self, config: Seq2SeqConfig, side: SideConfig, is_encoder: bool) -> None:
        super().__init__()
        self._config, self._is_encoder = config, is_encoder
        learnt, near = config.positions == "learnt", config.positions == "distances"
        self.positions = nn.Embedding(config.n_context + OFFSET, config.width) if learnt else None
        self.distances = nn.Embedding(config.n_buckets, side.n_heads) if near else None
        self.embedding_norm = _norm(config) if config.has_embedding_norm else None
        self.layers = nn.ModuleList(Layer(config, side, is_encoder) for _ in range(side.n_layers))
        self.norm = _norm(config) if config.has_final_norm else None

    def forward(self, x: Tensor, first: int, memory: Memory | None, seen: list[Tensor] | None) -> Tensor:
        """(B, T, W) of the vectors of tokens (B, T, W), of which the first stands at the place `first`.

        `seen`, where given, takes each layer's look at the source, (B, T, S).
        """
        bias = self._bias(first, x.shape[1], x.device)
        x = self._placed(x, first)
        for number, layer in enumerate(self.layers):
            x = layer(x, bias, memory, number, seen)
        return x if self.norm is None else self.norm(x)

    def _placed(self, x: Tensor, first: int) -> Tensor:
        if self.positions is not None:
            x = x + self.positions(torch.arange(first, first + x.shape[1], device=x.device) + OFFSET)
        elif self._config.positions == "sines":
            x = x + sines(first, x.shape[1], self._config.width, x.device)
        return x if self.embedding_norm is None else self.embedding_norm(x)

    def _bias(self, first: int, n_new: int, device: torch.device) -> Tensor | None:
        """What is added to the scores of attention, (1, N or 1, n_new, first + n_new); a decoder sees nothing ahead."""
        bias = None
        if self.distances is not None:
            buckets = distance_buckets(self._config, first, n_new, self._is_encoder, device)
            bias = self.distances(buckets).permute(2, 0, 1)[None]
        if self._is_encoder or n_new == 1:
            return bias
        hidden = torch.full((n_new, first + n_new), -math.inf, device=device).triu(first + 1)[None, None]
        return hidden if bias is None else bias + hidden


class Seq2Seq(nn.Module):
    """The whole network: `encode` a source once, then `decode` its target, all at once or token by token."""

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.width)
        self.encoder, self.decoder = Side(config, config.encoder, True), Side(config, config.decoder, False)
        self.head = None if config.is_tied else nn.Linear(config.width, config.n_vocab, bias=False)
        self.logit_bias = nn.Parameter(torch.empty(config.n_vocab)) if config.has_logit_bias else None

    def encode(self, source: Tensor) -> Memory:
        """Read a source, (B, S) int64."""
        x = self.encoder(self._embedded(source), 0, None, None)
        read = [layer.cross.read(x) for layer in self.decoder.layers if isinstance(layer, Layer) and layer.cross]
        return Memory([keys for keys, _ in read], [values for _, values in read], None, [], [])

    def decode(self, target: Tensor, memory: Memory, seen: list[Tensor] | None = None) -> Tensor:
        """Logits (B, T, V) of what follows each new target token, (B, T) int64; the memory goes on with them.

        `seen`, where given, takes how much the heads of each layer looked at the source on average, (B, T, S).
        """
        x = self.decoder(self._embedded(target), memory.n_written, memory, seen) * self.config.logit_scale
        logits = F.linear(x, self.tokens.weight.to(x.dtype)) if self.head is None else self.head(x)
        return logits if self.logit_bias is None else logits + self.logit_bias

    def _embedded(self, ids: Tensor) -> Tensor:
        embedded: Tensor = self.tokens(ids) * self.config.embedding_scale
        return embedded


def _norm(config: Seq2SeqConfig) -> nn.Module:
    if config.is_rms:
        return nn.RMSNorm(config.width, config.norm_eps)
    return nn.LayerNorm(config.width, config.norm_eps)
