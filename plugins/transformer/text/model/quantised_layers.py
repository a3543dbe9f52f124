"""Layers whose matrix stays quantised in memory: whole numbers in groups that share a scale and maybe a minimum.

For many tokens a few rows at a time are made numbers and multiplied by torch; for one see `kernels.matrix`.
Shape letters: R rows (n out), D columns (n in), G groups of a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .decoder import Decoder

GROUPS: Final = {4: 32, 8: 16}
"""How many numbers share a scale, by the bits of each."""
_ROWS_AT_ONCE: Final = 512


@dataclass(frozen=True)
class Quantisation:
    """How a matrix is stored: the bits of a code, 4 or 8, and whether its groups have a minimum."""

    bits: int
    has_minima: bool

    def n_bytes(self, n_numbers: int) -> int:
        """Of so many numbers."""
        return n_numbers * self.bits // 8 + n_numbers // GROUPS[self.bits] * (8 if self.has_minima else 4)


class _QuantisedRows(nn.Module):
    """Codes uint8 (R, D) or, two to a byte, (R, D / 2); scales float32 (R, G); minima the same or (R, 0)."""

    codes: Tensor
    scales: Tensor
    minima: Tensor

    def __init__(self, n_rows: int, n_columns: int, how: Quantisation) -> None:
        super().__init__()
        self.n_columns, n_groups = n_columns, n_columns // GROUPS[how.bits]
        sizes = {"codes": n_columns * how.bits // 8, "scales": n_groups, "minima": n_groups if how.has_minima else 0}
        for name, size in sizes.items():
            kind = torch.uint8 if name == "codes" else torch.float32
            self.register_buffer(name, torch.empty(n_rows, size, dtype=kind, device="meta"))

    @property
    def weight(self) -> Tensor:
        """Its codes, by which others know where it lies."""
        return self.codes

    def rows(self, numbers: np.ndarray) -> Tensor:
        """Some rows as float32, (n, D)."""
        from .kernels.matrix import unpack_rows

        found = np.empty((len(numbers), self.n_columns), np.float32)
        unpack_rows(self.codes.numpy(), self.scales.numpy(), self.minima.numpy(), numbers, found)
        return torch.from_numpy(found)


class QuantisedLinear(_QuantisedRows):
    """A projection."""

    def __init__(self, n_rows: int, n_columns: int, how: Quantisation, has_bias: bool = False) -> None:
        super().__init__(n_rows, n_columns, how)
        self.bias = nn.Parameter(torch.empty(n_rows, device="meta")) if has_bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) to (..., R)."""
        said: Tensor = _QuantisedProduct.apply(x, self)
        return said if self.bias is None else said + self.bias

    def parts(self) -> list[np.ndarray]:
        """The numbers of the rows that are made float32 at once."""
        every = np.arange(len(self.codes))
        return [every[first : first + _ROWS_AT_ONCE] for first in range(0, len(every), _ROWS_AT_ONCE)]


class _QuantisedProduct(torch.autograd.Function):
    """The product with a quantised matrix; for the gradient its rows are made numbers anew, so that none are kept."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, layer: QuantisedLinear) -> Tensor:
        ctx.layer = layer
        return torch.cat([F.linear(x, layer.rows(part)) for part in layer.parts()], -1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        layer: QuantisedLinear = ctx.layer
        found = gradient.new_zeros(*gradient.shape[:-1], layer.n_columns, dtype=torch.float32)
        for part in layer.parts():
            found += gradient[..., part[0] : part[-1] + 1].float() @ layer.rows(part)
        return found, None


class QuantisedEmbedding(_QuantisedRows):
    """A table whose rows come out as float32."""

    def forward(self, numbers: Tensor) -> Tensor:
        """(...) int64 to (..., D)."""
        return self.rows(numbers.reshape(-1).numpy()).view(*numbers.shape, -1)


def quantise(decoder: Decoder, how: Mapping[str, Quantisation]) -> None:
    """Change a decoder without weights so that some matrices, by their names, are stored so; see `share_table`."""
    for name, quantisation in how.items():
        parent, _, own = name.removesuffix(".weight").rpartition(".")
        module = decoder.get_submodule(parent)
        old = getattr(module, own)
        if isinstance(old, nn.Embedding):
            new: nn.Module = QuantisedEmbedding(old.num_embeddings, old.embedding_dim, quantisation)
        else:
            new = QuantisedLinear(old.out_features, old.in_features, quantisation, old.bias is not None)
        setattr(module, own, new)


def share_table(decoder: Decoder) -> None:
    """Where the head is the table of tokens and that is quantised, let it be a projection with the same memory."""
    table = decoder.tokens
    if decoder.head is None and isinstance(table, QuantisedEmbedding):
        how = Quantisation(8 * table.codes.shape[1] // table.n_columns, table.minima.shape[1] > 0)
        head = QuantisedLinear(len(table.codes), table.n_columns, how)
        head.codes, head.scales, head.minima = table.codes, table.scales, table.minima
        setattr(decoder, "head", head)  # noqa: B010 - it does what the layer of torch does that is declared there
