"""Measures a model of molecules for its card: what it writes beside held-out molecules.

What takes long is a generator that yields several times a second and returns the result.
"""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api.molecule import canonical, distance_between, fingerprints, internal_diversity, properties_of
from studio.api.recipe import Measuring
from studio.core.card import Check
from studio.core.translation import N_

from ..model.molecules_vae import MoleculesVAE
from ..model.pieces import Pieces
from .objective import padded

N_DESCRIBED: Final = 3000
N_COMPARED: Final = 1500
_AT_ONCE: Final = 100


@torch.no_grad()
def written(model: MoleculesVAE, pieces: Pieces, places: Tensor) -> Measuring[list[str]]:
    """The SMILES that the model writes at places (N, Z); nothing is repaired."""
    texts = list[str]()
    for part in places.split(_AT_ONCE):
        texts += [pieces.decode(row) for row in model.decode(part).tolist()]
        yield
    return texts


@torch.no_grad()
def encoded(model: MoleculesVAE, rows: NDArray[np.uint8]) -> Measuring[Tensor]:
    """The places (N, Z) of rows (N, L)."""
    means = []
    for part in torch.from_numpy(rows.astype(np.int64)).split(4 * _AT_ONCE):
        means.append(model.encode(part))
        yield
    return torch.cat(means)


@torch.no_grad()
def changed_shares(model: MoleculesVAE, directions: Tensor, places: Tensor) -> Measuring[Tensor]:
    """How much of what is written at places (N, Z) changes per unit along directions (A, Z): shares of pieces, (A,).

    Everything is written half a unit to either side.
    """
    shares = []
    for step in directions:
        rows = (model.decode(places + sign * step / 2) for sign in (-1, 1))
        before, after = (padded(one, model.config.n_places) for one in rows)
        is_there = (before > 0) | (after > 0)
        shares.append(((before != after) & is_there).sum() / is_there.sum())
        yield
    return torch.stack(shares)


def written_checks(
    texts: Sequence[str], known: Collection[str], held_out: Sequence[str], properties: NDArray[np.float32]
) -> Measuring[list[Check]]:
    """The figures of MOSES for written SMILES; `properties` (M, 3) are those of the held-out molecules."""
    valid = list[str]()
    for text in texts:
        valid += [found for found in (canonical(text),) if found]
        if len(valid) % _AT_ONCE == 0:
            yield
    is_valid = Check(N_("Valid as written, %"), 100 * len(valid) / len(texts), 95.0)
    unique = list(dict.fromkeys(valid))
    if len(unique) < 2:
        return [is_valid]  # there is nothing to compare
    ratios = yield from _distances(unique[:N_DESCRIBED], properties)
    diversities = [internal_diversity(fingerprints(some[:N_COMPARED])) for some in (valid, held_out)]
    n_new = sum(text not in known for text in unique)
    return [
        is_valid,
        Check(N_("Different ones among the valid, %"), 100 * len(unique) / len(valid), 99.0),
        Check(N_("New ones among the different, %"), 100 * n_new / len(unique), None),
        *(
            Check(title, ratio, 2.0, False)
            for title, ratio in zip(
                (
                    N_("logP: Wasserstein distance, times that of two held-out halves"),
                    N_("QED: Wasserstein distance, times that of two held-out halves"),
                    N_("Weight: Wasserstein distance, times that of two held-out halves"),
                ),
                ratios,
                strict=True,
            )
        ),
        Check(
            N_("Internal diversity, difference to held-out molecules"),
            abs(diversities[0] - diversities[1]),
            0.03,
            False,
        ),
    ]


def _distances(texts: Sequence[str], properties: NDArray[np.float32]) -> Measuring[list[float]]:
    """Wasserstein distances of each property from held-out ones, over those of two held-out halves."""
    rows = []
    for number, text in enumerate(texts):
        rows.append(properties_of(text) or (0.0, 0.0, 0.0))
        if number % _AT_ONCE == 0:
            yield
    mine = np.array(rows, np.float32)
    halves = properties[0::2], properties[1::2]
    return [
        distance_between(mine[:, column], properties[:, column])
        / max(distance_between(halves[0][:, column], halves[1][:, column]), 1e-9)
        for column in range(properties.shape[1])
    ]
