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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import NetworkKind, load_network, read_about, save_network

from ...shared.tokenizer import TextCutter

INIT: Final = 0.02
TOKENIZER: Final = "tokenizer"


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


class RelativeAttention(nn.Module):
    """New tokens look at the remembered ones and at those before them in their own segment."""

    def __init__(self, config: XLConfig) -> None:
        super().__init__()
        self.config = config
        self.query = nn.Linear(config.width, config.width, bias=False)
        self.key_value = nn.Linear(config.width, 2 * config.width, bias=False)
        self.distance = nn.Linear(config.width, config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def forward(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """Read x (B, T, D) after past (B, M, D); both biases are (N, H), distances (S, D) of S - 1 down to 0."""
        weights, values = self.weights(x, past, distances, u, v)
        read = (weights.to(values.dtype) @ values).transpose(1, 2).flatten(2)  # (B, T, D)
        looked: Tensor = self.out(read)
        return looked

    def weights(self, x: Tensor, past: Tensor, distances: Tensor, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """How much each token looks at each, (B, N, T, S), and what it would read there, (B, N, S, H)."""
        queries = self.split(self.query(x))  # (B, N, T, H)
        keys, values = map(self.split, self.key_value(torch.cat([past, x], 1)).chunk(2, -1))
        far = self.split(self.distance(distances)[None])[0]  # (N, S, H)
        content = (queries + u[:, None]) @ keys.transpose(-1, -2)  # (B, N, T, S)
        position = shifted((queries + v[:, None]) @ far.transpose(-1, -2))
        scores = (content + position) / math.sqrt(self.config.head_width)
        return scores.masked_fill(later(x.shape[1], keys.shape[2], x.device), -math.inf).softmax(-1), values

    def split(self, x: Tensor) -> Tensor:
        """(B, T, D) as (B, N, T, H)."""
        return x.unflatten(-1, (self.config.n_heads, self.config.head_width)).transpose(1, 2)


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
    distances = torch.arange(n_distances - 1, -1, -1.0, device=device)
    turns = 10000.0 ** -(torch.arange(0, width, 2.0, device=device) / width)
    angles = distances[:, None] * turns
    return torch.cat([angles.sin(), angles.cos()], -1)


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


KINDS: Final[Mapping[str, NetworkKind]] = {TransformerXL.__name__: NetworkKind(XLConfig, TransformerXL)}


def save_xl(path: Path, network: TransformerXL, cutter: TextCutter) -> None:
    """Write a network with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    save_network(path, network, about={TOKENIZER: cutter.to_text()})


def load_xl(path: Path) -> tuple[TransformerXL, TextCutter]:
    """Read what `save_xl` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged or of another kind, or its tokenizer does not fit its network.
    """
    network = load_network(path, KINDS)[1]
    assert isinstance(network, TransformerXL)
    return network, cutter_in(path, network.config.n_vocab)


def cutter_in(path: Path, n_vocab: int) -> TextCutter:
    """The tokenizer in a model's file; raises UserError where it is damaged or has not so many tokens."""
    try:
        cutter = TextCutter.from_text(read_about(path, TOKENIZER))
    except Exception as error:  # the tokenizer's library raises plain exceptions
        raise UserError(N_("The model's file is damaged."), N_("Get it again, or train the model again.")) from error
    if cutter.n_tokens != n_vocab:
        raise UserError(N_("The tokenizer in the model's file is of another model."))
    return cutter
