"""The encoder–decoder of “Attention is all you need” (Vaswani et al. 2017, arXiv 1706.03762), in one file.

An encoder reads the source, each token looking at all others. A decoder writes the target one token at a time: each
looks at those before it, then at what the encoder made of the source (cross attention). One table serves source,
target and output. Layers are normalised before they are added (Xiong et al. 2020), which learns without a slow start.

Shape letters: B texts, S source tokens, T target tokens, W width, H heads, V vocabulary.
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ALIGNED_HEAD: Final = 0
"""The head of cross attention that was shown which source token each target token comes from."""


@dataclass(frozen=True)
class TranslatorConfig:
    """The sizes of a translator.

    Attributes:
        n_vocab: tokens of both languages. n_context: most tokens of a text, its end included.
        width: of a token. n_encoder_blocks, n_layers: of encoder and decoder. n_heads: of each attention.
        mlp_width: of the layer between two attentions. dropout: while it learns.
    """

    n_vocab: int
    n_context: int = 256
    width: int = 192
    n_encoder_blocks: int = 3
    n_layers: int = 3
    n_heads: int = 6
    mlp_width: int = 768
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if min(self.n_vocab, self.width, self.n_heads) < 1 or self.width % (2 * self.n_heads):
            raise ValueError("heads of an even width are needed")


def aligned_layer(config: TranslatorConfig) -> int:
    """The decoder's layer with that head: the last but one, which still decides what the last one writes."""
    return max(0, config.n_layers - 2)


@dataclass
class Memory:
    """What the decoder keeps of a text while it writes: a row of every layer's keys and values for each candidate.

    Attributes:
        source_keys, source_values: of each layer, (B, H, S, W/H), made once of what the encoder said.
        is_hidden: (B, 1, 1, S) bool, the padding.
        keys, values: of each layer, (B, H, T, W/H), of the target so far.
    """

    source_keys: list[Tensor]
    source_values: list[Tensor]
    is_hidden: Tensor | None
    keys: list[Tensor]
    values: list[Tensor]

    @property
    def n_written(self) -> int:
        """Tokens of the target that were read."""
        return self.keys[0].shape[2] if self.keys else 0

    def chosen(self, rows: Tensor) -> "Memory":
        """The memory of some of the rows, in another order or several times."""
        hidden = None if self.is_hidden is None else self.is_hidden[rows]
        parts = (self.source_keys, self.source_values, self.keys, self.values)
        source_keys, source_values, keys, values = ([one[rows] for one in part] for part in parts)
        return Memory(source_keys, source_values, hidden, keys, values)


def positions(first: int, n_tokens: int, width: int, device: torch.device) -> Tensor:
    """Sines and cosines of each place, (n_tokens, width), at wavelengths from 2π to 20000π (section 3.5)."""
    rates = torch.exp(torch.arange(0, width, 2, device=device) * (-math.log(10_000) / width))
    angles = torch.arange(first, first + n_tokens, device=device)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)


class Attention(nn.Module):
    """Attention of many heads: softmax(QKᵀ/√d)V of each, joined (section 3.2)."""

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.n_heads, self.dropout = config.n_heads, config.dropout
        self.queries = nn.Linear(config.width, config.width)
        self.keys_values = nn.Linear(config.width, 2 * config.width)
        self.joined = nn.Linear(config.width, config.width)

    def split(self, x: Tensor) -> Tensor:
        """(B, T, W) to (B, H, T, W/H)."""
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of what is looked at, (B, H, T, W/H) each."""
        keys, values = self.keys_values(x).chunk(2, -1)
        return self.split(keys), self.split(values)

    def forward(
        self,
        x: Tensor,
        keys: Tensor,
        values: Tensor,
        is_seen: Tensor | None = None,
        is_causal: bool = False,
        seen: list[Tensor] | None = None,
    ) -> Tensor:
        """What each token of `x` takes from the values, (B, T, W).

        Args:
            is_seen: (B, 1, 1 or T, S) bool, which keys count.
            is_causal: whether each token looks only at itself and those before it.
            seen: where the weights, (B, H, T, S), are put for who wants to see them.
        """
        queries = self.split(self.queries(x))
        if seen is not None:
            seen.append(attention_weights(queries, keys, is_seen))
        rate = self.dropout if self.training else 0.0
        found = F.scaled_dot_product_attention(queries, keys, values, is_seen, rate, is_causal)
        joined: Tensor = self.joined(found.transpose(1, 2).flatten(2))
        return joined


def attention_weights(queries: Tensor, keys: Tensor, is_seen: Tensor | None) -> Tensor:
    """softmax(QKᵀ/√d), (B, H, T, S)."""
    scores = queries @ keys.transpose(-1, -2) / math.sqrt(queries.shape[-1])
    return (scores if is_seen is None else scores.masked_fill(~is_seen, -math.inf)).float().softmax(-1)


class FeedForward(nn.Sequential):
    """Two layers with a ReLU between, applied to each token by itself (section 3.3)."""

    def __init__(self, config: TranslatorConfig) -> None:
        wide, narrow = nn.Linear(config.width, config.mlp_width), nn.Linear(config.mlp_width, config.width)
        super().__init__(wide, nn.ReLU(), nn.Dropout(config.dropout), narrow)


class EncoderLayer(nn.Module):
    """Each token looks at all others, then thinks by itself."""

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(config.width) for _ in range(2))
        self.attention, self.mlp = Attention(config), FeedForward(config)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, is_seen: Tensor | None) -> Tensor:
        y = self.norms[0](x)
        x = x + self.drop(self.attention(y, *self.attention.read(y), is_seen))
        thought: Tensor = x + self.drop(self.mlp(self.norms[1](x)))
        return thought


class DecoderLayer(nn.Module):
    """Each token looks at those before it, then at the source, then thinks by itself."""

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(config.width) for _ in range(3))
        self.attention, self.cross, self.mlp = Attention(config), Attention(config), FeedForward(config)
        self.drop = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, memory: Memory, layer: int, seen: list[Tensor] | None, reach: Tensor | None = None
    ) -> Tensor:
        """What becomes of new tokens (B, T, W).

        Args:
            reach: (T, all tokens so far) bool, where each of them sees others than itself and those before.
        """
        y = self.norms[0](x)
        keys, values = self.attention.read(y)
        n_before = memory.keys[layer].shape[2] if layer < len(memory.keys) else 0
        if n_before:
            keys, values = torch.cat([memory.keys[layer], keys], 2), torch.cat([memory.values[layer], values], 2)
        memory.keys[layer : layer + 1], memory.values[layer : layer + 1] = [keys], [values]
        n_new = x.shape[1]
        mask = reach
        if mask is None and n_before and n_new > 1:  # some are known already, and more than one is new
            mask = torch.ones(n_new, n_before + n_new, dtype=torch.bool, device=x.device).tril(n_before)
        is_causal = mask is None and not n_before and n_new > 1
        x = x + self.drop(self.attention(y, keys, values, mask, is_causal=is_causal))
        y, hidden = self.norms[1](x), memory.is_hidden
        is_seen = None if hidden is None else ~hidden
        x = x + self.drop(self.cross(y, memory.source_keys[layer], memory.source_values[layer], is_seen, seen=seen))
        thought: Tensor = x + self.drop(self.mlp(self.norms[2](x)))
        return thought


class Translator(nn.Module):
    """The whole network: `encode` a source once, then `decode` its target, all at once or token by token."""

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.width)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.n_encoder_blocks))
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.n_layers))
        self.source_norm, self.norm = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.drop = nn.Dropout(config.dropout)
        nn.init.normal_(self.tokens.weight, std=config.width**-0.5)

    def _embedded(self, ids: Tensor, first: int = 0) -> Tensor:
        width = self.config.width
        places = positions(first, ids.shape[1], width, ids.device)
        embedded: Tensor = self.drop(self.tokens(ids) * math.sqrt(width) + places)
        return embedded

    def encode(self, source: Tensor, lengths: Tensor | None = None) -> Memory:
        """Read sources, (B, S) int64, padded behind their lengths, (B,) int64; None where none is padded."""
        hidden = None
        if lengths is not None:
            hidden = (torch.arange(source.shape[1], device=source.device) >= lengths[:, None])[:, None, None]
        x = self._embedded(source)
        for layer in self.encoder:
            x = layer(x, None if hidden is None else ~hidden)
        return self.remembered(self.source_norm(x), hidden)

    def remembered(self, x: Tensor, hidden: Tensor | None) -> Memory:
        """What the decoder keeps of an encoded source, (B, S, W); `hidden` as in `Memory`."""
        layers = [layer for layer in self.decoder if isinstance(layer, DecoderLayer)]
        read = [layer.cross.read(x) for layer in layers]
        return Memory([keys for keys, _ in read], [values for _, values in read], hidden, [], [])

    def decode(self, target: Tensor, memory: Memory, seen: list[Tensor] | None = None) -> Tensor:
        """Logits (B, T, V) of what follows each new target token, (B, T) int64; the memory goes on with them.

        `seen`, where given, takes each layer's cross attention, (B, H, T, S).
        """
        x = self._embedded(target, memory.n_written)
        for number, layer in enumerate(self.decoder):
            x = layer(x, memory, number, seen)
        return F.linear(self.norm(x), self.tokens.weight)

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """Logits of all target tokens at once, as they are learnt."""
        return self.decode(target, self.encode(source, lengths))
