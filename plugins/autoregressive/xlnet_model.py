"""XLNet (Yang et al. 2019, arXiv 1906.08237): the tokens of a text in any order, each told from those before it there.

Every token has a rank. What is given has rank 0 and is seen by all; the others come one rank after the other. The
content stream of a place knows its own token and those of no higher rank; the query stream knows where it stands and
the tokens of lower rank, but not its own, which it tells. Distances are relative, as in Transformer-XL, and reach both
ways; a start that everybody sees stands in front. Layers are normalised before they read.

Shape letters: B texts, T tokens, S = T + 1 with the start, K tokens that are told, D width, V vocabulary.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .xlnet_attention import TwoWayAttention, both_ways
from .xlnet_config import XLNetConfig

INIT: Final = 0.02
START_RANK: Final = -1


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
