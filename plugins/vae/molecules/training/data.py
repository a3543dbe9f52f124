"""Molecules as rows of pieces, and batches of them."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model.pieces import END, Pieces, UnknownPieceError

N_AT_ONCE = 20_000


def encode_rows(
    pieces: Pieces, smiles: Sequence[str], n_places: int
) -> Generator[float, None, tuple[NDArray[np.uint8], int]]:
    """Rows (N, L) of pieces with END behind the last one, shortest first; yields the share that is done.

    Also returns how many molecules were left out, as too long or with signs that no piece has.
    """
    parts = []
    for first in range(0, len(smiles), N_AT_ONCE):
        parts.append(rows_and_kept(pieces, smiles[first : first + N_AT_ONCE], n_places)[0])
        yield min(1.0, (first + N_AT_ONCE) / len(smiles))
    rows = np.concatenate(parts)
    return rows[np.argsort((rows != END).sum(1), kind="stable")], len(smiles) - len(rows)


def rows_and_kept(pieces: Pieces, smiles: Sequence[str], n_places: int) -> tuple[NDArray[np.uint8], list[int]]:
    """Rows (N, L) of those molecules that fit, in their order, and which ones they are."""
    rows, kept = np.full((len(smiles), n_places), END, np.uint8), list[int]()
    for index, text in enumerate(smiles):
        try:
            numbers = pieces.encode(text)
        except UnknownPieceError:
            continue
        if 0 < len(numbers) < n_places:
            rows[len(kept), : len(numbers)] = numbers
            kept.append(index)
    return rows[: len(kept)], kept


@dataclass(frozen=True)
class BatchSettings:
    """How a batch is drawn: molecules in a micro-batch, which are about equally long."""

    n_molecules: int = 128


class MoleculeBatches:
    """Draws batches by number: the same seed and number give the same batch, whatever came before."""

    def __init__(
        self,
        rows: NDArray[np.uint8],
        n_latent: int,
        n_micro: int,
        settings: BatchSettings,
        seed: int,
        device: torch.device,
    ) -> None:
        """Take rows (N, L), shortest first; the micro-batches of a step are spread over all lengths."""
        self._rows = rows
        self._lengths = (rows != END).sum(1) + 1
        self._n_latent = n_latent
        self._n_micro = n_micro
        self._settings = settings
        self._seed = seed
        self._device = device

    def draw(self, step: int, micro: int) -> tuple[Tensor, Tensor]:
        """Pieces (B, L) and noise (B, Z) of this step and micro-batch."""
        random = np.random.default_rng([self._seed, step, micro])
        n = min(self._settings.n_molecules, len(self._rows))
        share = (micro % self._n_micro + random.random()) / self._n_micro
        middle = int(share * len(self._rows))
        first = min(max(0, middle - 20 * n), max(0, len(self._rows) - 40 * n))
        chosen = first + random.integers(0, min(40 * n, len(self._rows)), n)
        rows = self._rows[chosen, : int(self._lengths[chosen].max())]
        noise = random.standard_normal((n, self._n_latent), dtype=np.float32)
        return torch.from_numpy(rows.astype(np.int64)).to(self._device), torch.from_numpy(noise).to(self._device)
