"""What networks that look at content and at distance share (Dai et al. 2019, arXiv 1901.02860), and their files.

Shape letters: B texts, S tokens, D width, N heads, H width of a head.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import NetworkKind, load_network, read_about, save_network

from ..tokenizer import TextCutter

INIT: Final = 0.02
TOKENIZER: Final = "tokenizer"


class HeadSizes(Protocol):
    """How wide a token is in the network, and in each of its heads."""

    @property
    def width(self) -> int: ...
    @property
    def n_heads(self) -> int: ...
    @property
    def head_width(self) -> int: ...


class DistanceAttention(nn.Module):
    """The weights of attention by content and by distance."""

    def __init__(self, config: HeadSizes) -> None:
        super().__init__()
        self.config = config
        self.query = nn.Linear(config.width, config.width, bias=False)
        self.key_value = nn.Linear(config.width, 2 * config.width, bias=False)
        self.distance = nn.Linear(config.width, config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)

    def read(self, content: Tensor, distances: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Keys and values (B, N, S, H) of content (B, S, D), and what each distance (.., D) is, (N, .., H)."""
        keys, values = map(self.split, self.key_value(content).chunk(2, -1))
        return keys, values, self.split(self.distance(distances)[None])[0]

    def split(self, x: Tensor) -> Tensor:
        """(B, S, D) as (B, N, S, H)."""
        return x.unflatten(-1, (self.config.n_heads, self.config.head_width)).transpose(1, 2)


def waves(distances: Tensor, width: int) -> Tensor:
    """Sines, then cosines of distances (S,), (S, D)."""
    turns = 10000.0 ** -(torch.arange(0, width, 2.0, device=distances.device) / width)
    angles = distances[:, None] * turns
    return torch.cat([angles.sin(), angles.cos()], -1)


class ThinkingBlock(nn.Module):
    """One layer: it looks around, then thinks about each token alone; normalised before both."""

    def __init__(self, config: Any, attention: nn.Module, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.attention = attention
        self.mlp_norm = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, config.mlp_width)
        self.down = nn.Linear(config.mlp_width, config.width)
        self.dropout = nn.Dropout(dropout)

    def thought(self, x: Tensor) -> Tensor:
        """What the layer adds to each token (.., D) by itself."""
        added: Tensor = self.down(F.gelu(self.up(self.mlp_norm(x))))
        return added

    def after(self, x: Tensor, looked: Tensor) -> Tensor:
        """What leaves the layer, of what came in and what was looked up, (.., D) each."""
        x = x + self.dropout(looked)
        return x + self.dropout(self.thought(x))


class RelativeNetwork(nn.Module):
    """Attributes:
    u, v: (N, H) which content and which distance heads look at whatever stands at their token; of all layers.
    """

    def __init__(
        self, config: Any, block: Callable[[Any, float], ThinkingBlock], dropout: float, **own: nn.Parameter
    ) -> None:
        """`own` are the weights that only this network has; they come first when it begins to learn."""
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.width)
        for name, value in own.items():
            self.register_parameter(name, value)
        self.u = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.v = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.blocks = nn.ModuleList(block(config, dropout) for _ in range(config.n_layers))
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

    def said(self, x: Tensor) -> Tensor:
        """Logits (.., V) from what leaves the last layer, (.., D)."""
        return F.linear(self.norm(x), self.tokens.weight)


NetworkT = TypeVar("NetworkT", bound=RelativeNetwork)


def save_with_cutter(path: Path, network: nn.Module, cutter: TextCutter) -> None:
    """Write a network with its tokenizer; matrices as int8 for each row (studio.nn.quantised)."""
    save_network(path, network, about={TOKENIZER: cutter.to_text()})


def load_with_cutter(path: Path, architecture: type[NetworkT], config: type[Any]) -> tuple[NetworkT, TextCutter]:
    """Read what `save_with_cutter` wrote of a network of this sort: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged or of another kind, or its tokenizer does not fit its network.
    """
    network = load_network(path, {architecture.__name__: NetworkKind(config, architecture)})[1]
    assert isinstance(network, architecture)
    return network, _cutter_in(path, network.config.n_vocab)


def _cutter_in(path: Path, n_vocab: int) -> TextCutter:
    try:
        cutter = TextCutter.from_text(read_about(path, TOKENIZER))
    except Exception as error:  # the tokenizer's library raises plain exceptions
        raise UserError(
            N_("The model’s file is damaged."), N_("Download it again, or train the model again.")
        ) from error
    if cutter.n_tokens != n_vocab:
        raise UserError(N_("The tokenizer in the model’s file belongs to another model."))
    return cutter
