"""What an encoder–decoder is built of, whoever trained it; no torch."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Activation: TypeAlias = Literal["relu", "gelu", "gelu_tanh", "silu"]
Positions: TypeAlias = Literal["learnt", "sines", "distances"]
OFFSET: Final = 2
"""Rows before the first position in BART's tables."""
MAX_LAYERS: Final = 256


@dataclass(frozen=True)
class SideConfig:
    """The sizes of an encoder or a decoder."""

    n_layers: int
    n_heads: int
    mlp_width: int


@dataclass(frozen=True)
class Seq2SeqConfig:
    """An encoder–decoder.

    Attributes:
        n_context: tokens of a text that it has positions for, or learnt from where it counts distances only.
        head_width: of a head; 0 stands for the width shared out among the heads.
        is_rms: whether norms are RMS norms without biases (T5).
        has_pre_norms: whether a layer's input is normed, else what its parts were added to (Vaswani 2017).
        has_embedding_norm, has_final_norm: whether what goes into the first layer, and comes out of the last, is.
        positions: "distances" prefers some distances to others in each head (T5): near ones each by itself, farther
            ones in `n_buckets`, from `farthest` on all alike.
        embedding_scale, logit_scale: multiply the vectors of the tokens, and what the head reads.
        is_scaled: whether products of queries and keys are divided by the root of a head's width.
        is_gated: whether the MLP is activation(gate(x)) * up(x).
        is_tied: whether the head is the table of tokens. has_logit_bias: whether each token has a bias.
    """

    n_vocab: int
    width: int
    encoder: SideConfig
    decoder: SideConfig
    n_context: int = 512
    head_width: int = 0
    is_rms: bool = False
    norm_eps: float = 1e-5
    has_pre_norms: bool = False
    has_embedding_norm: bool = False
    has_final_norm: bool = False
    positions: Positions = "learnt"
    n_buckets: int = 32
    farthest: int = 128
    embedding_scale: float = 1.0
    is_scaled: bool = True
    activation: Activation = "gelu"
    is_gated: bool = False
    has_biases: bool = True
    is_tied: bool = True
    logit_scale: float = 1.0
    has_logit_bias: bool = False

    def __post_init__(self) -> None:
        for side in (self.encoder, self.decoder):
            if min(side.n_heads, side.mlp_width, side.n_layers, self.n_vocab, self.width, self.n_context) < 1:
                raise ValueError("a size is not positive")
            if side.n_layers > MAX_LAYERS:
                raise ValueError("there are too many layers")
            if not self.head_width and self.width % side.n_heads:
                raise ValueError("the width is no multiple of the heads")
        if self.norm_eps <= 0:
            raise ValueError("a small number is not positive")
        if self.positions == "distances" and not (self.n_buckets >= 4 and self.farthest > self.n_buckets // 2):
            raise ValueError("there are too few buckets for distances")

    @property
    def n_layers(self) -> int:
        """Layers of the decoder."""
        return self.decoder.n_layers

    def inner(self, side: SideConfig) -> int:
        """The width of all heads together."""
        return side.n_heads * self.head_width or self.width
