"""Which source token each target token comes from, as IBM's first model learns it (Brown et al. 1993); no Qt.

The decoder is shown these places while it learns (guided alignment, Garg et al. 2019, arXiv 1909.02074), so that it
looks at the right words long before it would have found them by itself. A preference for the diagonal comes from
Dyer et al. 2013.
"""

from collections.abc import Generator, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Ids: TypeAlias = npt.NDArray[np.int64]
Table: TypeAlias = npt.NDArray[np.float32]
N_ROUNDS: Final = 5
STEEPNESS: Final = 4.0
_N_PAIRS: Final = 2000


def learnt_table(
    pairs: Sequence[tuple[Ids, Ids]], n_source: int, n_target: int, n_rounds: int = N_ROUNDS
) -> Generator[None, None, Table]:
    """How likely each source token becomes each target token, (n_source, n_target); yields between portions.

    Each source's end stands for what comes from no word.
    """
    table = np.full((n_source, n_target), 1 / n_target, np.float32)
    for _ in range(n_rounds):
        counts = np.zeros(n_source * n_target)
        for first in range(0, len(pairs), _N_PAIRS):
            counts += _counted(table, pairs[first : first + _N_PAIRS])
            yield
        square = counts.reshape(table.shape)
        table = (square / np.maximum(square.sum(1, keepdims=True), 1e-12)).astype(np.float32)
    return table


def _counted(table: Table, pairs: Sequence[tuple[Ids, Ids]]) -> npt.NDArray[np.float64]:
    codes, weights = [], []
    for source, target in pairs:
        shares = table[source[:, None], target[None, :]] * _diagonal(len(source), len(target))
        weights.append((shares / np.maximum(shares.sum(0), 1e-12)).ravel())
        codes.append((source[:, None] * table.shape[1] + target[None, :]).ravel())
    return np.bincount(np.concatenate(codes), np.concatenate(weights), table.size).astype(np.float64)


def _diagonal(n_source: int, n_target: int) -> Table:
    """How much likelier places are that lie alike in both, (n_source, n_target); the end may be anywhere."""
    rows, columns = np.arange(n_source)[:, None] / n_source, np.arange(n_target)[None, :] / n_target
    shape = np.exp(-STEEPNESS * np.abs(rows - columns)).astype(np.float32)
    shape[-1] = shape[:-1].mean() if n_source > 1 else 1.0
    return shape


def alignment_of(table: Tensor, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
    """The share of each source token in each target token, (B, T, S), from tokens (B, S), their lengths and (B, T)."""
    n_source, n_target = source.shape[1], target.shape[1]
    shares = table[source[:, None, :], target[:, :, None]]
    places = torch.arange(n_source, device=source.device)
    rows = places[None, None, :] / lengths[:, None, None]
    columns = torch.arange(n_target, device=source.device)[None, :, None] / n_target
    shape = torch.exp(-STEEPNESS * (rows - columns).abs())
    is_end = places[None, None, :] == lengths[:, None, None] - 1
    shape = torch.where(is_end, 0.3, shape) * (places[None, None, :] < lengths[:, None, None])
    shares = shares * shape + 1e-9 * shape
    return shares / shares.sum(-1, keepdim=True)
