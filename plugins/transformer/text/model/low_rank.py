"""Low-rank adapters (LoRA, arXiv 2106.09685): a few numbers beside a frozen decoder that change what it says.

Shape letters: R rows (n out), D columns (n in), K rank.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.adapter_strength import AdapterStrength

from .decoder import Decoder


@dataclass(frozen=True)
class AdapterPlace:
    """What a part changes.

    Attributes:
        path: of the module in the base model, as its own files call it. target: that of our decoder.
        first: the row of it where the part begins. n_out, n_in: rows and columns of the part.
    """

    path: str
    target: str
    first: int
    n_out: int
    n_in: int


class LowRankPart(nn.Module):
    """Two matrices whose product is added to some rows of a projection: `down` (K, D), `up` (R, K)."""

    def __init__(self, place: AdapterPlace, strength: AdapterStrength, device: torch.device) -> None:
        super().__init__()
        self.place, self.scale = place, strength.scale
        self.down = nn.Parameter(torch.empty(strength.rank, place.n_in, device=device))
        self.up = nn.Parameter(torch.empty(place.n_out, strength.rank, device=device))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))
        nn.init.zeros_(self.up)

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) to (..., R)."""
        return F.linear(F.linear(x, self.down) * self.scale, self.up)

    def product(self) -> Tensor:
        """What is added to the rows, (R, D)."""
        return self.up.double() @ self.down.double() * self.scale


class Adapter(nn.Module):
    """The parts of one adapter; new ones change nothing yet."""

    def __init__(self, places: Sequence[AdapterPlace], strength: AdapterStrength, device: torch.device) -> None:
        super().__init__()
        self.strength = strength
        self.parts = nn.ModuleList(LowRankPart(place, strength, device) for place in places)

    def by_target(self) -> dict[str, list[LowRankPart]]:
        """The parts of each projection of our decoder, by its name."""
        found: dict[str, list[LowRankPart]] = {}
        for part in self.parts:
            assert isinstance(part, LowRankPart)
            found.setdefault(part.place.target, []).append(part)
        return {name: sorted(parts, key=lambda part: part.place.first) for name, parts in found.items()}


class AdaptedLinear(nn.Module):
    """A projection, in whatever way its numbers are stored, and what an adapter adds to it."""

    def __init__(self, base: nn.Module, parts: Sequence[LowRankPart], n_out: int) -> None:
        super().__init__()
        self.base, self.parts, self.n_out = base, nn.ModuleList(parts), n_out

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) to (..., R)."""
        said: list[Tensor] = []
        reached = 0
        for part in self.parts:
            assert isinstance(part, LowRankPart)
            if part.place.first > reached:
                said.append(x.new_zeros(*x.shape[:-1], part.place.first - reached))
            said.append(part(x))
            reached = part.place.first + part.place.n_out
        if reached < self.n_out:
            said.append(x.new_zeros(*x.shape[:-1], self.n_out - reached))
        base: Tensor = self.base(x)
        return base + (said[0] if len(said) == 1 else torch.cat(said, -1))

    @torch.no_grad()
    def matrices(self) -> tuple[Tensor, Tensor]:
        """All parts as two float32 matrices of their own, (sum of K, D) and (R, sum of K), scaled."""
        parts = [part for part in self.parts if isinstance(part, LowRankPart)]
        down = torch.cat([part.down for part in parts]).float()
        up, rank = torch.zeros(self.n_out, len(down)), 0
        for part in parts:
            rows = slice(part.place.first, part.place.first + part.place.n_out)
            up[rows, rank : rank + len(part.down)] = part.up * part.scale
            rank += len(part.down)
        return down.contiguous(), up


def adapted(base: Decoder, adapter: Adapter) -> Decoder:
    """A decoder with the adapter beside its projections; all weights are those of `base`, in the same memory."""
    decoder = _sharing(base)
    for name, parts in adapter.by_target().items():
        parent, _, own = name.rpartition(".")
        module = decoder.get_submodule(name)
        setattr(decoder.get_submodule(parent), own, AdaptedLinear(module, parts, n_rows(module)))
    return decoder


@torch.no_grad()
def merged(base: Decoder, adapter: Adapter) -> Decoder:
    """A decoder whose changed projections are float32 matrices of their own; all else lies in the memory of `base`."""
    decoder = _sharing(base)
    for name, parts in adapter.by_target().items():
        layer = decoder.get_submodule(name)
        assert isinstance(layer, nn.Linear)
        weight = layer.weight.double()  # one of its own
        for part in parts:
            weight[part.place.first : part.place.first + part.place.n_out] += part.product()
        layer.weight = nn.Parameter(weight.float().contiguous(), requires_grad=False)
    return decoder


def can_merge(base: Decoder, adapter: Adapter) -> bool:
    """Whether all projections that the adapter changes are plain float32 ones."""
    layers = [base.get_submodule(name) for name in adapter.by_target()]
    return all(type(one) is nn.Linear and one.weight.dtype == torch.float32 for one in layers)


def n_rows(layer: nn.Module) -> int:
    """How many numbers a projection gives."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    return len(weight)


def _sharing(base: Decoder) -> Decoder:
    """The same layers once more, over the same memory."""
    known: dict[int, Any] = {id(one): one for one in (*base.parameters(), *base.buffers())}
    return copy.deepcopy(base, known)


class TunedDecoder(nn.Module):
    """A decoder of which only an adapter learns: parameters and state are the adapter's, copies share the base.

    Attributes:
        adapter: what learns. network: the decoder that it changes, ready to read.
    """

    def __init__(self, base: Decoder, adapter: Adapter) -> None:
        super().__init__()
        self.adapter = adapter
        self._held = base, adapted(base, adapter)  # in a tuple, so that they are no parts of this module

    @property
    def network(self) -> Decoder:
        """The decoder as the adapter makes it."""
        return self._held[1]

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits (B, T, V) of tokens int64 (B, T)."""
        said: Tensor = self.network(tokens)
        return said

    def __deepcopy__(self, memo: dict[int, Any]) -> "TunedDecoder":
        return TunedDecoder(self._held[0], copy.deepcopy(self.adapter, memo))
