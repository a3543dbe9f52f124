"""A small transformer that reads a prompt: each piece learns what stands around it.

Vaswani et al. 2017 (arXiv 1706.03762), with the norms first. Shape letters: B prompts, L pieces, C channels, N heads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.vocabulary import TokenisedPrompt, WordTokenizer
from .unet import embedding_table


@dataclass(frozen=True)
class TextConfig:
    """Sizes: the words in the order of their numbers, the most pieces of a prompt, channels, layers, heads."""

    words: tuple[str, ...]
    n_pieces: int = 32
    width: int = 128
    n_layers: int = 2
    n_heads: int = 4


class TextLayer(nn.Module):
    """Pieces look at each other, then each thinks for itself."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.norm1 = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 2 * width)
        self.narrow = nn.Linear(2 * width, width)

    def forward(self, x: Tensor, is_there: Tensor) -> Tensor:
        parts = self.query_key_value(self.norm1(x)).unflatten(2, (3, self.n_heads, -1))  # (B, L, 3, N, D)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # (B, N, L, D) each
        found = F.scaled_dot_product_attention(query, key, value, attn_mask=is_there[:, None, None, :])
        x = x + self.out(found.transpose(1, 2).flatten(2))
        narrow: Tensor = self.narrow(F.gelu(self.wide(self.norm2(x))))
        return x + narrow


class TextEncoder(nn.Module):
    """Prompts to one vector for each of their pieces."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = WordTokenizer(config.words, config.n_pieces)
        self.piece = embedding_table(len(self.tokenizer), config.width, 0.5)
        self.place = embedding_table(config.n_pieces, config.width, 0.1)
        self.layers = nn.ModuleList([TextLayer(config.width, config.n_heads) for _ in range(config.n_layers)])
        self.norm = nn.LayerNorm(config.width)

    def read(self, prompt: str) -> TokenisedPrompt:
        """The pieces of a prompt, and which of its words are unknown."""
        return self.tokenizer.read(prompt)

    def ids(self, prompts: Sequence[str]) -> Tensor:
        """The numbers of the pieces, (B, n_pieces) int64; -1 behind the last one."""
        ids = torch.full((len(prompts), self.config.n_pieces), -1)
        for row, prompt in zip(ids, prompts, strict=True):
            numbers = torch.tensor(self.read(prompt).ids)
            row[: len(numbers)] = numbers
        return ids

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (B, L, C) of pieces (B, L), zero where there is none, and whether there is one, (B, L) 0 or 1."""
        is_there = ids >= 0  # (B, L)
        x = self.piece(ids.clamp_min(0)) + self.place.weight[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x, is_there)
        counts = is_there.to(torch.float32)
        return self.norm(x).float() * counts[:, :, None], counts
