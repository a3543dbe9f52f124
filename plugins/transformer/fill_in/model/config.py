"""The sizes that make one encoder out of many, from ours to BERT, RoBERTa, DistilBERT, ELECTRA and ALBERT; no torch."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

EncoderActivation: TypeAlias = Literal["gelu", "gelu_tanh", "relu"]
LIMITS: Final = {
    "n_vocab": 1_000_000,
    "n_context": 65_536,
    "n_layers": 512,
    "n_heads": 1024,
    "width": 65_536,
    "mlp_width": 262_144,
    "n_segments": 64,
    "token_width": 65_536,
    "n_own_layers": 512,
}
LEAST: Final = dict.fromkeys(("n_segments", "token_width", "n_own_layers"), 0)


@dataclass(frozen=True)
class EncoderConfig:
    """The sizes of an encoder.

    Attributes:
        n_vocab: tokens, the mask among them. n_context: places, each with a vector of its own.
        n_layers, n_heads: `width` is shared out among the heads. mlp_width: between the two layers of each MLP.
        n_segments: vectors that say which of several texts a token is of; 0 where the network has none.
        norm_eps: of all norms. activation: of the MLPs. head_activation: of the head's own layer.
        token_width: of the vectors of tokens, places and texts, which a layer then makes `width` wide; 0 where they are
            that wide from the start.
        n_own_layers: so many layers have weights of their own, each used several times in a row; 0 for all of them.
        is_tied: whether the head's last matrix is the table that tokens begin as.
    """

    n_vocab: int
    n_context: int
    n_layers: int
    n_heads: int
    width: int
    mlp_width: int
    n_segments: int = 0
    norm_eps: float = 1e-12
    activation: EncoderActivation = "gelu"
    head_activation: EncoderActivation = "gelu"
    token_width: int = 0
    n_own_layers: int = 0
    is_tied: bool = True

    @property
    def n_begin(self) -> int:
        """How many numbers a token begins as."""
        return self.token_width or self.width

    @property
    def n_blocks(self) -> int:
        """How many layers have weights of their own."""
        return self.n_own_layers or self.n_layers

    def __post_init__(self) -> None:
        """Raises ValueError where no network has such sizes."""
        for name, most in LIMITS.items():
            size = getattr(self, name)
            if type(size) is not int or not LEAST.get(name, 1) <= size <= most:
                raise ValueError(f"{name} is out of range")
        if self.width % self.n_heads:
            raise ValueError("width cannot be shared out among the heads")
        if self.n_layers % self.n_blocks:
            raise ValueError("n_layers cannot be shared out among the layers with weights")
        if type(self.is_tied) is not bool:
            raise ValueError("is_tied is neither yes nor no")
        if type(self.norm_eps) is not float or not 0 < self.norm_eps < 1:
            raise ValueError("norm_eps is out of range")
        if not {self.activation, self.head_activation} <= set(get_args(EncoderActivation)):
            raise ValueError("an activation is unknown")


def encoder_config(values: Any) -> EncoderConfig:
    """A configuration out of JSON; ValueError where a field is missing, unknown, of another type or out of range."""
    fields = dataclasses.fields(EncoderConfig)
    needed = {field.name for field in fields if field.default is dataclasses.MISSING}
    if not isinstance(values, dict) or not needed <= set(values) <= {field.name for field in fields}:
        raise ValueError("other fields than those of an encoder")
    return EncoderConfig(**values)
