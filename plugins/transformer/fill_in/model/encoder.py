"""A transformer that sees both sides of every word, readable from top to bottom: BERT (Devlin 2019, arXiv 1810.04805).

Each token begins as the sum of a vector for what it is, one for its place and, in some models, one for its text. Every
layer lets it look at all others, before and behind alike, and adds what they say; then an MLP adds its own. A norm
follows each of the two (post-norm). The head says of every place how likely each token is there: a network that has
learnt this where tokens were replaced by a mask fills gaps, and one that has learnt it for any share of masks writes
whole texts in any order. RoBERTa (arXiv 1907.11692) and DistilBERT (arXiv 1910.01108) are the same network; in that of
ELECTRA (arXiv 2003.10555) and ALBERT (arXiv 1909.11942) tokens begin narrower, and ALBERT's layers share their weights.

Shape letters: B texts, T tokens, D width, E numbers that a token begins as, N heads, H numbers of a head, V vocabulary.
"""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...text.model.probe import Probe
from .config import EncoderActivation, EncoderConfig

_INIT_GAIN: Final = 0.55


def activated(x: Tensor, name: EncoderActivation) -> Tensor:
    """GELU (arXiv 1606.08415), exact or by tanh, or what is above 0."""
    if name == "relu":
        return F.relu(x)
    return F.gelu(x, approximate="tanh" if name == "gelu_tanh" else "none")


class EncoderAttention(nn.Module):
    """Every token looks at all tokens of its text (Vaswani 2017, arXiv 1706.03762); no mask hides what comes later."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.out = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, probe: Probe | None = None) -> Tensor:
        """(B, T, D) to (B, T, D); a probe sees the weights (B, N, T, T), rows summing to 1."""
        queries, keys, values = self.qkv(x).unflatten(-1, (3, self.n_heads, -1)).permute(2, 0, 3, 1, 4)  # (B, N, T, H)
        if probe is None:
            read = F.scaled_dot_product_attention(queries, keys, values)
        else:
            weights = (queries @ keys.transpose(2, 3) * queries.shape[-1] ** -0.5).softmax(-1)
            probe.see_attention(weights)
            read = weights @ values
        return self.out(read.transpose(1, 2).flatten(2))


class EncoderLayer(nn.Module):
    """Attention and an MLP, each added to what came in and then normed."""

    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.activation = config.activation
        self.attention = EncoderAttention(config)
        self.attention_norm = nn.LayerNorm(config.width, config.norm_eps)
        self.up = nn.Linear(config.width, config.mlp_width)
        self.down = nn.Linear(config.mlp_width, config.width)
        self.mlp_norm = nn.LayerNorm(config.width, config.norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, probe: Probe | None = None) -> Tensor:
        """(B, T, D) to (B, T, D)."""
        x = self.attention_norm(x + self.dropout(self.attention(x, probe)))
        thought = self.down(activated(self.up(x), self.activation))
        said: Tensor = self.mlp_norm(x + self.dropout(thought))
        return said


class EncoderHead(nn.Module):
    """How likely each token is at a place; its last matrix is mostly the one that tokens begin as."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.activation = config.head_activation
        self.dense = nn.Linear(config.width, config.n_begin)
        self.norm = nn.LayerNorm(config.n_begin, config.norm_eps)
        self.bias = nn.Parameter(torch.zeros(config.n_vocab))

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """(..., D) and the vectors of the tokens (V, E) to logits (..., V)."""
        return F.linear(self.norm(activated(self.dense(x), self.activation)), tokens, self.bias)


class Encoder(nn.Module):
    """A whole encoder: tokens to the logits of what stands at each place.

    Attributes:
        config: its sizes.
    """

    def __init__(self, config: EncoderConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.n_begin)
        self.positions = nn.Embedding(config.n_context, config.n_begin)
        self.segments = nn.Embedding(config.n_segments, config.n_begin) if config.n_segments else None
        self.embedding_norm = nn.LayerNorm(config.n_begin, config.norm_eps)
        self.widening = nn.Linear(config.token_width, config.width) if config.token_width else None
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(EncoderLayer(config, dropout) for _ in range(config.n_blocks))
        self.head = EncoderHead(config)
        self.words = None if config.is_tied else nn.Embedding(config.n_vocab, config.n_begin)
        self.apply(self._init)

    def forward(self, tokens: Tensor, probe: Probe | None = None) -> Tensor:
        """Logits (B, T, V) of tokens int64 (B, T), all of one text each."""
        return self.logits(self.hidden(tokens, probe))

    def hidden(self, tokens: Tensor, probe: Probe | None = None) -> Tensor:
        """What the layers make of tokens int64 (B, T): (B, T, D)."""
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        if self.segments is not None:
            x = x + self.segments.weight[0]
        x = self.dropout(self.embedding_norm(x))
        if self.widening is not None:
            x = self.widening(x)
        for layer in range(self.config.n_layers):
            x = self.blocks[layer * self.config.n_blocks // self.config.n_layers](x, probe)
        return x

    def logits(self, x: Tensor) -> Tensor:
        """What the head says of (..., D): (..., V)."""
        said: Tensor = self.head(x, (self.tokens if self.words is None else self.words).weight)
        return said

    def _init(self, module: nn.Module) -> None:
        """BERT's small normal weights, wider in a narrower network, so that its first attention is no more even."""
        std = _INIT_GAIN * self.config.width**-0.5
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=std)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
