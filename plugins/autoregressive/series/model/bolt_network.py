"""Chronos-Bolt: a T5 (Raffel et al. 2020, arXiv 1910.10683) over patches of a series, which tells quantiles.

The reading layers see all patches of the past, by distances that fall into buckets. The telling layers have one place,
from which all values ahead are told at once; it sees itself, which is nothing but itself, and the past.

Shape letters: B series, D width, H values ahead, N heads, P patches (and a mark), Q quantiles, T values.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.nn.stored_arrays import arrays_of, filled
from studio.nn.without_weights import without_weights

from ...foreign.chronos_bolt import Activation, BoltConfig, BoltFolder, array_places
from ...foreign.folder import check_memory

_ACTIVATIONS: Final[Mapping[Activation, Callable[[Tensor], Tensor]]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
    "silu": F.silu,
}
REGISTER: Final = 1
"""The row of the mark behind the patches."""


class BoltAttention(nn.Module):
    """Heads that look, without scaling, as T5 has them."""

    def __init__(self, config: BoltConfig) -> None:
        super().__init__()
        inner = config.n_heads * config.head_width
        self._heads = (config.n_heads, config.head_width)
        self.query, self.key, self.value = (nn.Linear(config.width, inner, bias=False) for _ in range(3))
        self.out = nn.Linear(inner, config.width, bias=False)

    def forward(self, x: Tensor, past: Tensor, bias: Tensor) -> Tensor:
        """What x (B, K, D) reads in past (B, P, D), with a bias (B, N, K, P) on the scores."""
        query, key, value = self._split(self.query(x)), self._split(self.key(past)), self._split(self.value(past))
        weights = (query @ key.transpose(-1, -2) + bias).softmax(-1)
        looked: Tensor = self.out((weights @ value).transpose(1, 2).flatten(2))
        return looked

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, self._heads).transpose(1, 2)


class BoltFeedForward(nn.Module):
    """What a layer does with each place by itself."""

    def __init__(self, config: BoltConfig) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, config.mlp_width, bias=False)
        self.gate = nn.Linear(config.width, config.mlp_width, bias=False) if config.is_gated else None
        self.down = nn.Linear(config.mlp_width, config.width, bias=False)
        self._activation = _ACTIVATIONS[config.activation]

    def forward(self, x: Tensor) -> Tensor:
        """(.., D) of (.., D)."""
        inner = self._activation(self.up(x))
        thought: Tensor = self.down(inner if self.gate is None else inner * self.gate(x))
        return thought


class BoltEncoderLayer(nn.Module):
    """A layer that reads the past."""

    def __init__(self, config: BoltConfig) -> None:
        super().__init__()
        self.attention_norm, self.mlp_norm = _norm(config), _norm(config)
        self.attention, self.mlp = BoltAttention(config), BoltFeedForward(config)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """(B, P, D) of (B, P, D)."""
        known = self.attention_norm(x)
        x = x + self.attention(known, known, bias)
        read: Tensor = x + self.mlp(self.mlp_norm(x))
        return read


class BoltDecoderLayer(nn.Module):
    """A layer that tells: of one place, so that looking at itself is taking all of itself."""

    def __init__(self, config: BoltConfig) -> None:
        super().__init__()
        inner = config.n_heads * config.head_width
        self.own_norm, self.attention_norm, self.mlp_norm = _norm(config), _norm(config), _norm(config)
        self.own_value = nn.Linear(config.width, inner, bias=False)
        self.own_out = nn.Linear(inner, config.width, bias=False)
        self.attention, self.mlp = BoltAttention(config), BoltFeedForward(config)

    def forward(self, x: Tensor, past: Tensor, bias: Tensor) -> Tensor:
        """(B, 1, D) of (B, 1, D), from past (B, P, D)."""
        x = x + self.own_out(self.own_value(self.own_norm(x)))
        x = x + self.attention(self.attention_norm(x), past, bias)
        told: Tensor = x + self.mlp(self.mlp_norm(x))
        return told


class BoltResidualBlock(nn.Module):
    """Between values and the network: one hidden layer, and a straight way past it."""

    def __init__(self, config: BoltConfig, n_in: int, n_out: int) -> None:
        super().__init__()
        self.hidden, self.output = nn.Linear(n_in, config.mlp_width), nn.Linear(config.mlp_width, n_out)
        self.residual = nn.Linear(n_in, n_out)
        self._activation = _ACTIVATIONS[config.activation]

    def forward(self, x: Tensor) -> Tensor:
        """(.., n_out) of (.., n_in)."""
        made: Tensor = self.output(self._activation(self.hidden(x))) + self.residual(x)
        return made


class BoltNetwork(nn.Module):
    """Attributes: distance: (buckets, N) how heads like each kind of distance. marks: rows for start and register."""

    def __init__(self, config: BoltConfig) -> None:
        super().__init__()
        self.config = config
        self.marks = nn.Embedding(config.n_marks, config.width)
        self.distance = nn.Embedding(config.n_buckets, config.n_heads)
        self.patch_in = BoltResidualBlock(config, 2 * config.patch, config.width)
        self.readers = nn.ModuleList(BoltEncoderLayer(config) for _ in range(config.n_layers))
        self.tellers = nn.ModuleList(BoltDecoderLayer(config) for _ in range(config.n_tellers))
        self.reader_norm, self.teller_norm = _norm(config), _norm(config)
        self.patch_out = BoltResidualBlock(config, config.width, len(config.quantiles) * config.n_ahead)

    def forward(self, values: Tensor) -> Tensor:
        """Quantiles (B, Q, H) of what follows values (B, T), both in units of the series."""
        patches, is_there = self._patches(values)
        x = self.patch_in(patches)  # (B, P, D)
        if self.config.has_register:
            mark = self.marks.weight[REGISTER].expand(len(x), 1, -1)
            x, is_there = torch.cat([x, mark], 1), F.pad(is_there, (0, 1), value=True)
        hidden = torch.zeros(is_there.shape, device=x.device).masked_fill(~is_there, -math.inf)[:, None, None]
        near = self.distance(distance_buckets(x.shape[1], self.config, x.device)).permute(2, 0, 1)  # (N, P, P)
        for reader in self.readers:
            x = reader(x, near + hidden)
        past = self.reader_norm(x)
        told = self.marks.weight[self.config.start].expand(len(x), 1, -1)
        for teller in self.tellers:
            told = teller(told, past, hidden)
        said: Tensor = self.patch_out(self.teller_norm(told))
        return said.view(len(x), len(self.config.quantiles), self.config.n_ahead)

    def _patches(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Patches with what of them is there, (B, P, 2 patch), and which patches are more than filling, (B, P)."""
        n_empty = -values.shape[1] % self.config.patch
        is_there = F.pad(torch.ones_like(values), (n_empty, 0)).unfold(1, self.config.patch, self.config.stride)
        parts = F.pad(values, (n_empty, 0)).unfold(1, self.config.patch, self.config.stride)
        return torch.cat([parts, is_there], -1), is_there.sum(-1) > 0


def distance_buckets(n_places: int, config: BoltConfig, device: torch.device | None = None) -> Tensor:
    """(P, P) the kind of distance from each place (row) to each (column): near ones exactly, far ones by logarithm."""
    places = torch.arange(n_places, device=device)
    ahead = places[None] - places[:, None]
    n_half = config.n_buckets // 2
    n_exact = n_half // 2
    away = ahead.abs()
    ratio = (away.clamp(min=1).float() / n_exact).log() / math.log(config.farthest / n_exact)
    far = (n_exact + (ratio * (n_half - n_exact)).long()).clamp(max=n_half - 1)
    return torch.where(away < n_exact, away, far) + n_half * (ahead > 0)


def load_bolt(folder: BoltFolder) -> BoltNetwork:
    """The network of a folder, ready to tell; raises UserError where it has no room or a file cannot be read."""
    check_memory(folder.n_params)
    with without_weights():
        network = BoltNetwork(folder.config)
    state, places = filled(network), array_places(folder.config)
    with torch.no_grad():
        for name, values in arrays_of(folder.weights, {name: shape for name, (_, shape) in places.items()}):
            state[places[name][0]].copy_(values)
    return network


def _norm(config: BoltConfig) -> Any:
    return nn.RMSNorm(config.width, config.norm_eps)
