"""The sizes of a Transformer-XL; no torch."""

from dataclasses import dataclass


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
