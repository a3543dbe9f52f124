"""Transformer-XL (Dai et al. 2019, arXiv 1901.02860): a text is read in segments, and each layer remembers.

How much token i looks at token j, before the softmax and up to the scale:
    (W_q x_i + u) · W_k x_j  +  (W_q x_i + v) · W_r R_(i - j)
R are sinusoids of the distance; u says which content, v which distance is looked at whatever stands at i.

What a layer read in the segments before is kept, and the next segment looks at it too; no gradient flows back there.
Layers are normalised before they read (pre-norm), as the paper's own code can do it.

Shape letters: B texts, T new tokens, M remembered ones, S = M + T, D width, N heads, H width of a head, L layers, V
vocabulary.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ...shared.model.relative_network import DistanceAttention, RelativeNetwork, ThinkingBlock, load_with_cutter, waves
from ...shared.tokenizer import TextCutter


@dataclass(frozen=True)
class XLConfig:
    """Attributes:
    n_vocab: how many tokens there are.
    n_layers, n_heads: of the network. width: of a token in it. mlp_width: inside each layer.
    n_segment: tokens that are read together; a text is cut into segments of as many.
    n_memory: tokens before a segment that can be remembered.
    """

    n_vocab: int
    n_layers: int
    n_heads: int
    width: int
    mlp_width: int
    n_segment: int
    n_memory: int

    def __post_init__(self) -> None:
        if self.n_heads < 1 or self.width % (2 * self.n_heads) or min(self.n_vocab, self.n_layers, self.n_segment) < 1:
            raise ValueError("the sizes do not fit together")

    @property
    def head_width(self) -> int:
        """Of a head in a layer."""
        return self.width // self.n_heads

    @property
    def n_back(self) -> int:
        """How many segments a token can look at: its own one, and those that are remembered."""
        return 1 - (-self.n_memory // self.n_segment)

    @property
    def n_seen(self) -> int:
        """How many tokens the last one of a segment can look at, itself included."""
        return self.n_memory + self.n_segment


class RelativeAttention(DistanceAttention):
    """New tokens look at the remembered ones and at those before them in their own segment."""

    def forward(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """Read x (B, T, D) after past (B, M, D); both biases are (N, H), distances (S, D) of S - 1 down to 0."""
        weights, values = self.weights(x, past, distances, u, v)
        read = (weights.to(values.dtype) @ values).transpose(1, 2).flatten(2)  # (B, T, D)
        looked: Tensor = self.out(read)
        return looked

    def weights(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """How much each token looks at each, (B, N, T, S), and what it would read there, (B, N, S, H)."""
        queries = self.split(self.query(x))  # (B, N, T, H)
        keys, values, far = self.read(torch.cat([past, x], 1), distances)
        content = (queries + u[:, None]) @ keys.transpose(-1, -2)  # (B, N, T, S)
        position = shifted((queries + v[:, None]) @ far.transpose(-1, -2))
        scores = (content + position) / math.sqrt(self.config.head_width)
        return scores.masked_fill(later(x.shape[1], keys.shape[2], x.device), -math.inf).softmax(-1), values


def shifted(by_distance: Tensor) -> Tensor:
    """Scores (.., T, S) whose column c is distance S - 1 - c, so that column j is token j: S - T + i - j for row i.

    Columns of later tokens hold what is of no use. A column of zeros in front moves each row by one more than the
    row above it when the numbers are read in other rows (appendix B of the paper).
    """
    *before, n_rows, n_columns = by_distance.shape
    padded = torch.cat([by_distance.new_zeros(*before, n_rows, 1), by_distance], -1)
    return padded.view(*before, n_columns + 1, n_rows)[..., 1:, :].reshape(by_distance.shape)


def later(n_new: int, n_all: int, device: torch.device) -> Tensor:
    """Which tokens come after each of the new ones, bool (T, S)."""
    rows = torch.arange(n_all - n_new, n_all, device=device)
    return torch.arange(n_all, device=device) > rows[:, None]


def sinusoids(n_distances: int, width: int, device: torch.device | None = None) -> Tensor:
    """R (S, D) of the distances S - 1 down to 0: sines, then cosines."""
    return waves(torch.arange(n_distances - 1, -1, -1.0, device=device), width)


class XLBlock(ThinkingBlock):
    """One layer: it looks back, then thinks about each token alone."""

    attention: RelativeAttention

    def __init__(self, config: XLConfig, dropout: float) -> None:
        super().__init__(config, RelativeAttention(config), dropout)

    def forward(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """(B, T, D) after past (B, M, D), both as they come into this layer."""
        past = self.attention_norm(past)
        return self.after(x, self.attention(self.attention_norm(x), past, distances, u, v))


class TransformerXL(RelativeNetwork):
    """Reads a text segment by segment, and remembers."""

    def __init__(self, config: XLConfig, dropout: float = 0.0) -> None:
        super().__init__(config, XLBlock, dropout)

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

    def empty_memory(self, n_texts: int) -> Tensor:
        """Nothing is remembered, (L, B, 0, D)."""
        return self.u.new_zeros(self.config.n_layers, n_texts, 0, self.config.width)


def remembered(memory: Tensor | None, read: Tensor, n_memory: int) -> Tensor:
    """The last `n_memory` tokens of what was remembered and what was read now, (L, B, up to M, D), without gradient."""
    both = read.detach() if memory is None else torch.cat([memory.to(read.dtype), read.detach()], 2)
    return both[:, :, max(0, both.shape[2] - n_memory) :]


def load_xl(path: Path) -> tuple[TransformerXL, TextCutter]:
    """What `save_with_cutter` wrote of such a network; raises UserError as `load_with_cutter` does."""
    return load_with_cutter(path, TransformerXL, XLConfig)
