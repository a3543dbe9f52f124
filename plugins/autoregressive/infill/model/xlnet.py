"""XLNet (Yang et al. 2019, arXiv 1906.08237): the tokens of a text in any order, each from those before it.

Every token has a rank. What is given has rank 0 and is seen by all; the others come one rank after the other. The
content stream of a place knows its own token and those of no higher rank; the query stream knows where it stands and
the tokens of lower rank, but not its own, which it tells. Distances are relative, as in Transformer-XL, and reach both
ways; a start that everybody sees stands in front. Layers are normalised before they read.

Shape letters: B texts, T tokens, S = T + 1 with the start, K tokens that are told, Q places that look, D width, N
heads, H width of a head, V vocabulary.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.nn.network_file import NetworkKind, load_network, save_network

from ...shared.tokenizer import TextCutter
from ...text.model.transformer_xl import TOKENIZER, cutter_in
from .config import XLNetConfig

INIT: Final = 0.02
START_RANK: Final = -1


class TwoWayAttention(nn.Module):
    """Some places look at the content of those that they may see, before or behind them."""

    def __init__(self, config: XLNetConfig) -> None:
        super().__init__()
        self.config = config
        self.query = nn.Linear(config.width, config.width, bias=False)
        self.key_value = nn.Linear(config.width, 2 * config.width, bias=False)
        self.distance = nn.Linear(config.width, config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def read(self, content: Tensor, distances: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Keys and values (B, N, S, H) of content (B, S, D), and what each distance is, (N, 2 S - 1, H)."""
        keys, values = map(self.split, self.key_value(content).chunk(2, -1))
        return keys, values, self.split(self.distance(distances)[None])[0]

    def look(
        self, x: Tensor, memory: tuple[Tensor, Tensor, Tensor], places: Tensor, is_seen: Tensor, u: Tensor, v: Tensor
    ) -> Tensor:
        """What x (B, Q, D) at places (B, Q) reads in what `read` gave, where `is_seen` (B, Q, S)."""
        keys, values, far = memory
        queries = self.split(self.query(x))  # (B, N, Q, H)
        content = (queries + u[:, None]) @ keys.transpose(-1, -2)  # (B, N, Q, S)
        by_distance = (queries + v[:, None]) @ far.transpose(-1, -2)  # (B, N, Q, 2 S - 1)
        position = by_distance.gather(-1, columns(places, keys.shape[2])[:, None].expand_as(content))
        scores = (content + position) / math.sqrt(self.config.head_width)
        weights = scores.masked_fill(~is_seen[:, None], -math.inf).softmax(-1)
        looked: Tensor = self.out((weights.to(values.dtype) @ values).transpose(1, 2).flatten(2))
        return looked

    def split(self, x: Tensor) -> Tensor:
        """(B, S, D) as (B, N, S, H)."""
        return x.unflatten(-1, (self.config.n_heads, self.config.head_width)).transpose(1, 2)


def columns(places: Tensor, n_all: int) -> Tensor:
    """Where in `both_ways` the distances from places (B, Q) to all S places stand, (B, Q, S)."""
    return n_all - 1 - (places[..., None] - torch.arange(n_all, device=places.device))


def both_ways(n_all: int, width: int, device: torch.device | None = None, farthest: int | None = None) -> Tensor:
    """Sines, then cosines of the distances S - 1 down to -(S - 1), (2 S - 1, D), none above `farthest`."""
    distances = torch.arange(n_all - 1, -n_all, -1.0, device=device)
    if farthest is not None:
        distances = distances.clamp(-farthest, farthest)
    turns = 10000.0 ** -(torch.arange(0, width, 2.0, device=device) / width)
    angles = distances[:, None] * turns
    return torch.cat([angles.sin(), angles.cos()], -1)


class TwoStreamBlock(nn.Module):
    """One layer; both streams share its weights."""

    def __init__(self, config: XLNetConfig, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.attention = TwoWayAttention(config)
        self.mlp_norm = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, config.mlp_width)
        self.down = nn.Linear(config.mlp_width, config.width)
        self.dropout = nn.Dropout(dropout)

    def thought(self, x: Tensor) -> Tensor:
        """What the layer adds to each place (.., D) by itself."""
        added: Tensor = self.down(F.gelu(self.up(self.mlp_norm(x))))
        return added

    def after(self, x: Tensor, looked: Tensor) -> Tensor:
        """What leaves the layer, of what came in and what was looked up, (B, Q, D) each."""
        x = x + self.dropout(looked)
        return x + self.dropout(self.thought(x))


class XLNet(nn.Module):
    """Attributes:
    start: (D,) the place in front. asking: (D,) what the query stream begins with anywhere.
    u, v: (N, H) which content and which distance heads look at whatever stands at their place; of all layers.
    """

    def __init__(self, config: XLNetConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.width)
        self.start = nn.Parameter(torch.empty(1, config.width))
        self.asking = nn.Parameter(torch.empty(1, config.width))
        self.u = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.v = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.blocks = nn.ModuleList(TwoStreamBlock(config, dropout) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(config.width)
        self.dropout = nn.Dropout(dropout)
        self._begin()

    def _begin(self) -> None:
        for name, value in self.named_parameters():
            if value.dim() > 1:
                is_last = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(value, std=INIT / math.sqrt(2 * self.config.n_layers) if is_last else INIT)
            elif name.endswith(("up.bias", "down.bias")):
                nn.init.zeros_(value)

    def forward(self, tokens: Tensor, ranks: Tensor, places: Tensor) -> Tensor:
        """Logits (B, K, V) of the tokens at places (B, K) of texts (B, T), from those of lower rank (B, T).

        Whatever stands in `tokens` at a place of no lower rank has no influence.
        """
        content = self._content(tokens)  # (B, S, D)
        query = (self.asking * math.sqrt(self.config.width)).expand(len(tokens), places.shape[1], -1)  # (B, K, D)
        ranks = F.pad(ranks, (1, 0), value=START_RANK)  # (B, S)
        everywhere = torch.arange(ranks.shape[1], device=ranks.device).expand_as(ranks)
        asked = ranks.gather(1, places + 1)  # (B, K)
        seen_by_content = ranks[:, None] <= ranks[:, :, None]  # (B, S, S)
        seen_by_query = ranks[:, None] < asked[:, :, None]  # (B, K, S)
        distances = self.dropout(both_ways(ranks.shape[1], self.config.width, tokens.device))
        for block in self.blocks:
            assert isinstance(block, TwoStreamBlock)
            known, attention = block.attention_norm(content), block.attention
            memory = attention.read(known, distances)
            asking = attention.look(block.attention_norm(query), memory, places + 1, seen_by_query, self.u, self.v)
            looked = attention.look(known, memory, everywhere, seen_by_content, self.u, self.v)
            query, content = block.after(query, asking), block.after(content, looked)
        return F.linear(self.norm(query), self.tokens.weight)

    def _content(self, tokens: Tensor) -> Tensor:
        """What the content stream begins with, the start in front, (B, S, D)."""
        whole = torch.cat([self.start.expand(len(tokens), 1, -1), self.tokens(tokens)], 1)
        content: Tensor = self.dropout(whole * math.sqrt(self.config.width))
        return content


KINDS: Final[Mapping[str, NetworkKind]] = {XLNet.__name__: NetworkKind(XLNetConfig, XLNet)}


def save_xlnet(path: Path, network: XLNet, cutter: TextCutter) -> None:
    """Write a network with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    save_network(path, network, about={TOKENIZER: cutter.to_text()})


def load_xlnet(path: Path) -> tuple[XLNet, TextCutter]:
    """Read what `save_xlnet` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged or of another kind, or its tokenizer does not fit its network.
    """
    network = load_network(path, KINDS)[1]
    assert isinstance(network, XLNet)
    return network, cutter_in(path, network.config.n_vocab)
