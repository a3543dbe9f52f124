"""XLNet (Yang et al. 2019, arXiv 1906.08237): the tokens of a text in any order, each from those before it.

Every token has a rank. What is given has rank 0 and is seen by all; the others come one rank after the other. The
content stream of a place knows its own token and those of no higher rank; the query stream knows where it stands and
the tokens of lower rank, but not its own, which it tells. Distances are relative, as in Transformer-XL, and reach both
ways; a start that everybody sees stands in front. Layers are normalised before they read.

Shape letters: B texts, T tokens, S = T + 1 with the start, K tokens that are told, Q places that look, D width, N
heads, H width of a head, V vocabulary.
"""

import math
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.model.relative_network import DistanceAttention, RelativeNetwork, ThinkingBlock, load_with_cutter, waves
from ...shared.tokenizer import TextCutter
from .config import XLNetConfig

START_RANK: Final = -1


class TwoWayAttention(DistanceAttention):
    """Some places look at the content of those that they may see, before or behind them."""

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


def columns(places: Tensor, n_all: int) -> Tensor:
    """Where in `both_ways` the distances from places (B, Q) to all S places stand, (B, Q, S)."""
    return n_all - 1 - (places[..., None] - torch.arange(n_all, device=places.device))


def both_ways(n_all: int, width: int, device: torch.device | None = None, farthest: int | None = None) -> Tensor:
    """Sines, then cosines of the distances S - 1 down to -(S - 1), (2 S - 1, D), none above `farthest`."""
    distances = torch.arange(n_all - 1, -n_all, -1.0, device=device)
    if farthest is not None:
        distances = distances.clamp(-farthest, farthest)
    return waves(distances, width)


class TwoStreamBlock(ThinkingBlock):
    """One layer; both streams share its weights."""

    attention: TwoWayAttention

    def __init__(self, config: XLNetConfig, dropout: float) -> None:
        super().__init__(config, TwoWayAttention(config), dropout)


class XLNet(RelativeNetwork):
    """Attributes: start: (1, D) the place in front. asking: (1, D) what the query stream begins with anywhere."""

    start: nn.Parameter
    asking: nn.Parameter

    def __init__(self, config: XLNetConfig, dropout: float = 0.0) -> None:
        start, asking = (nn.Parameter(torch.empty(1, config.width)) for _ in range(2))
        super().__init__(config, TwoStreamBlock, dropout, start=start, asking=asking)

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
        return self.said(query)

    def _content(self, tokens: Tensor) -> Tensor:
        """What the content stream begins with, the start in front, (B, S, D)."""
        whole = torch.cat([self.start.expand(len(tokens), 1, -1), self.tokens(tokens)], 1)
        content: Tensor = self.dropout(whole * math.sqrt(self.config.width))
        return content


def load_xlnet(path: Path) -> tuple[XLNet, TextCutter]:
    """What `save_with_cutter` wrote of such a network; raises UserError as `load_with_cutter` does."""
    return load_with_cutter(path, XLNet, XLNetConfig)
