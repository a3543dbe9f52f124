"""XLNet as its authors published it (Yang et al. 2019, arXiv 1906.08237), with the weights of a Hugging Face folder.

What each place may see follows from ranks, as in `xlnet`, whose attention it shares. Other than there, layers are
normalised behind what they read, have biases of their own, and no start stands in front: a place that may see nothing
reads nothing.

Shape letters: B texts, T tokens, K tokens that are told, D width, N heads, H width of a head, V vocabulary.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.nn.stored_arrays import arrays_of, filled
from studio.nn.without_weights import without_weights

from ...foreign.folder import check_memory
from ...foreign.xlnet_folder import Activation, PublishedConfig, XLNetFolder, array_shapes
from .xlnet import TwoWayAttention, both_ways

_ACTIVATIONS: Final[Mapping[Activation, Callable[[Tensor], Tensor]]] = {
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
    "relu": F.relu,
    "silu": F.silu,
}


class PublishedBlock(nn.Module):
    """One layer; both streams share its weights. Attributes: u, v: (N, H) as in `xlnet`, of this layer alone."""

    def __init__(self, config: PublishedConfig) -> None:
        super().__init__()
        self.attention = TwoWayAttention(config)
        self.u = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.v = nn.Parameter(torch.empty(config.n_heads, config.head_width))
        self.attention_norm = nn.LayerNorm(config.width, config.norm_eps)
        self.up = nn.Linear(config.width, config.mlp_width)
        self.down = nn.Linear(config.mlp_width, config.width)
        self.mlp_norm = nn.LayerNorm(config.width, config.norm_eps)
        self._activation = _ACTIVATIONS[config.activation]

    def forward(self, x: Tensor, memory: tuple[Tensor, Tensor, Tensor], places: Tensor, is_seen: Tensor) -> Tensor:
        """What leaves the layer of x (B, Q, D) at places (B, Q) that may see `is_seen` (B, Q, T)."""
        looked = self.attention.look(x, memory, places, is_seen, self.u, self.v)
        looked = looked.masked_fill(~is_seen.any(-1, keepdim=True), 0.0)
        x = self.attention_norm(x + looked)
        left: Tensor = self.mlp_norm(x + self.down(self._activation(self.up(x))))
        return left


class PublishedXLNet(nn.Module):
    """Attributes: asking: (D,) what the query stream begins with anywhere. bias: (V,) of what is told."""

    def __init__(self, config: PublishedConfig) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.width)
        self.asking = nn.Parameter(torch.empty(config.width))
        self.blocks = nn.ModuleList(PublishedBlock(config) for _ in range(config.n_layers))
        self.bias = nn.Parameter(torch.empty(config.n_vocab))

    def forward(self, tokens: Tensor, ranks: Tensor, places: Tensor) -> Tensor:
        """Logits (B, K, V) of the tokens at places (B, K) of texts (B, T), from those of lower rank (B, T).

        Whatever stands in `tokens` at a place of no lower rank has no influence.
        """
        content = self.tokens(tokens)  # (B, T, D)
        query = self.asking.expand(*places.shape, -1)  # (B, K, D)
        everywhere = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        asked = ranks.gather(1, places)  # (B, K)
        seen_by_content = ranks[:, None] <= ranks[:, :, None]  # (B, T, T)
        seen_by_query = ranks[:, None] < asked[:, :, None]  # (B, K, T)
        distances = both_ways(tokens.shape[1], self.config.width, tokens.device, self.config.farthest)
        for block in self.blocks:
            assert isinstance(block, PublishedBlock)
            memory = block.attention.read(content, distances)
            query = block(query, memory, places, seen_by_query)
            content = block(content, memory, everywhere, seen_by_content)
        return F.linear(query, self.tokens.weight, self.bias)


def load_published(folder: XLNetFolder) -> PublishedXLNet:
    """The network of a folder, ready to tell words; raises UserError where it has no room or a file cannot be read."""
    check_memory(folder.n_params)
    with without_weights():
        network = PublishedXLNet(folder.config)
    state = filled(network)
    with torch.no_grad():
        for name, values in arrays_of(folder.weights, array_shapes(folder.config)):
            rows = _arranged(name, values)
            first = folder.config.width if name.endswith(".v") else 0  # values stand behind the keys
            state[_target(name)][first : first + len(rows)].copy_(rows)
    return network


def _target(name: str) -> str:
    """The tensor of our network that an array of the folder belongs to."""
    if name in _TOP:
        return _TOP[name]
    _, _, layer, part = name.split(".", 3)
    return f"blocks.{layer}.{_PARTS[part]}"


def _arranged(name: str, values: Tensor) -> Tensor:
    """An array as our network has it: what comes out of a matrix first; in the folder it is (D, N, H)."""
    match name.rpartition(".")[2]:
        case "q" | "k" | "v" | "r":
            return values.flatten(1).t()
        case "o":
            return values.flatten(1)
        case "mask_emb":
            return values.flatten()
    return values


_TOP: Final = {
    "transformer.word_embedding.weight": "tokens.weight",
    "transformer.mask_emb": "asking",
    "lm_loss.bias": "bias",
}
_PARTS: Final = {
    "rel_attn.q": "attention.query.weight",
    "rel_attn.k": "attention.key_value.weight",
    "rel_attn.v": "attention.key_value.weight",
    "rel_attn.r": "attention.distance.weight",
    "rel_attn.o": "attention.out.weight",
    "rel_attn.r_w_bias": "u",
    "rel_attn.r_r_bias": "v",
    "rel_attn.layer_norm.weight": "attention_norm.weight",
    "rel_attn.layer_norm.bias": "attention_norm.bias",
    "ff.layer_1.weight": "up.weight",
    "ff.layer_1.bias": "up.bias",
    "ff.layer_2.weight": "down.weight",
    "ff.layer_2.bias": "down.bias",
    "ff.layer_norm.weight": "mlp_norm.weight",
    "ff.layer_norm.bias": "mlp_norm.bias",
}
