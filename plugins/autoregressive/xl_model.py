"""Transformer-XL (Dai et al. 2019, arXiv 1901.02860): a text is read in segments, and each layer remembers.

What a layer read in the segments before is kept, and the next segment looks at it too; no gradient flows back there.
Layers are normalised before they read (pre-norm), as the paper's own code can do it.

Shape letters: B texts, T tokens of a segment, M remembered ones, L layers, D width, V vocabulary.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .xl_attention import RelativeAttention, sinusoids
from .xl_config import XLConfig

INIT: Final = 0.02


class XLBlock(nn.Module):
    """One layer: it looks back, then thinks about each token alone."""

    def __init__(self, config: XLConfig, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.attention = RelativeAttention(config)
        self.mlp_norm = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, config.mlp_width)
        self.down = nn.Linear(config.mlp_width, config.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """(B, T, D) after past (B, M, D), both as they come into this layer."""
        past = self.attention_norm(past)
        looked = self.attention(self.attention_norm(x), past, distances, u, v)
        x = x + self.dropout(looked)
        return x + self.dropout(self.thought(x))

    def thought(self, x: Tensor) -> Tensor:
        """What the layer adds to each token (.., D)."""
        added: Tensor = self.down(F.gelu(self.up(self.mlp_norm(x))))
        return added


class TransformerXL(nn.Module):
    """Attributes:
        u, v: (N, H) which content and which distance heads look at whatever stands at their token; of all layers.
    """

    def __init__(self, config: XLConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.width)
        self.u = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.v = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.blocks = nn.ModuleList(XLBlock(config, dropout) for _ in range(config.n_layers))
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

    def forward(self, tokens: Tensor, memory: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Logits (B, T, V) of what follows each of the tokens (B, T), and what each layer read, (L, B, T, D).

        `memory` (L, B, M, D) is what the layers read before; None for none.
        """
        if memory is None:
            memory = self.empty_memory(len(tokens))
        x = self.dropout(self.embedded(tokens))
        distances = self.dropout(sinusoids(memory.shape[2] + x.shape[1], self.config.width, x.device))
        read: list[Tensor] = []
        for block, past in zip(self.blocks, memory, strict=True):
            read.append(x)
            x = block(x, past.to(x.dtype), distances, self.u, self.v)
        return self.said(x), torch.stack(read)

    def embedded(self, tokens: Tensor) -> Tensor:
        """Tokens (..) as they come into the first layer, (.., D)."""
        x: Tensor = self.tokens(tokens) * math.sqrt(self.config.width)
        return x

    def said(self, x: Tensor) -> Tensor:
        """Logits (.., V) from what leaves the last layer, (.., D)."""
        return F.linear(self.norm(x), self.tokens.weight)

    def empty_memory(self, n_texts: int) -> Tensor:
        """Nothing is remembered, (L, B, 0, D)."""
        return self.u.new_zeros(self.config.n_layers, n_texts, 0, self.config.width)


def remembered(memory: Tensor | None, read: Tensor, n_memory: int) -> Tensor:
    """The last `n_memory` tokens of what was remembered and what was read now, (L, B, up to M, D), without gradient."""
    both = read.detach() if memory is None else torch.cat([memory.to(read.dtype), read.detach()], 2)
    return both[:, :, max(0, both.shape[2] - n_memory) :]
