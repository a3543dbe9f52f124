"""The sizes of an XLNet; no torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class XLNetConfig:
    """Attributes:
    n_vocab: how many tokens there are.
    n_layers, n_heads: of the network. width: of a token in it. mlp_width: inside each layer.
    n_context: tokens of a passage, all of which it can look at.
    """

    n_vocab: int
    n_layers: int
    n_heads: int
    width: int
    mlp_width: int
    n_context: int

    def __post_init__(self) -> None:
        if self.n_heads < 1 or self.width % (2 * self.n_heads) or min(self.n_vocab, self.n_layers, self.n_context) < 1:
            raise ValueError("the sizes do not fit together")

    @property
    def head_width(self) -> int:
        """Of a head in a layer."""
        return self.width // self.n_heads
