"""Other ways of filling gaps, which the networks are held against: means, k nearest neighbours, iterated regressions.

All take rows (N, D) in units with NaN in the gaps (categories one-hot) and return them whole.
"""

from collections.abc import Callable, Generator
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
N_NEIGHBOURS: Final = 5
N_ROUNDS: Final = 10
RIDGE: Final = 1.0
ROWS_AT_ONCE: Final = 200


def filling_by_mean(cells: Floats) -> Generator[None, None, Floats]:
    """Each gap becomes the mean of its column."""
    means = _means(cells)
    yield
    return np.where(np.isnan(cells), means, cells)


def filling_by_neighbours(cells: Floats, n: int = N_NEIGHBOURS) -> Generator[None, None, Floats]:
    """Each gap becomes the mean of the n nearest rows that have a value there (Troyanskaya et al., 2001).

    Near is by the squared differences of what both rows have, scaled up to all numbers of a row.
    """
    known = ~np.isnan(cells)
    plain, there = np.where(known, cells, 0.0), known.astype(np.float64)
    filled, means = plain.copy(), _means(cells)
    for first in range(0, len(cells), ROWS_AT_ONCE):
        rows = np.arange(first, min(first + ROWS_AT_ONCE, len(cells)))
        rows = rows[~known[rows].all(1)]
        if not len(rows):
            continue
        apart = (plain[rows] ** 2) @ there.T + there[rows] @ (plain**2).T - 2 * plain[rows] @ plain.T
        shared = there[rows] @ there.T
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.where(shared > 0, np.maximum(apart, 0) / shared, np.inf)
        yield
        for column in np.flatnonzero(~known[rows].all(0)):
            gaps = np.flatnonzero(~known[rows, column])
            givers = np.flatnonzero(known[:, column])
            filled[rows[gaps], column] = _mean_of_nearest(
                apart[np.ix_(gaps, givers)], plain[givers, column], n, means[column]
            )
    return filled


def _mean_of_nearest(apart: Floats, values: Floats, n: int, otherwise: float) -> Floats:
    """The mean of the values (G,) that are nearest to each of some rows; `apart` is (rows, G)."""
    if not len(values):
        return np.full(len(apart), otherwise)
    n = min(n, len(values))
    nearest = np.argpartition(apart, n - 1, axis=1)[:, :n]
    counts = np.isfinite(np.take_along_axis(apart, nearest, 1))
    sums = (values[nearest] * counts).sum(1)
    return np.where(counts.any(1), sums / np.maximum(counts.sum(1), 1), otherwise)


def filling_by_regressions(cells: Floats, n_rounds: int = N_ROUNDS) -> Generator[None, None, Floats]:
    """Each column with gaps is regressed on all others, over and over (van Buuren and Groothuis-Oudshoorn, 2011)."""
    known = ~np.isnan(cells)
    filled = np.where(known, cells, _means(cells))
    n_gaps = (~known).sum(0)
    columns = [int(one) for one in np.argsort(n_gaps, kind="stable") if 0 < n_gaps[one] < len(cells)]
    for _ in range(n_rounds):
        for column in columns:
            given, wanted = known[:, column], ~known[:, column]
            others = np.delete(filled, column, axis=1)
            filled[wanted, column] = _regressed(others[given], filled[given, column], others[wanted])
            yield
    return filled


def _regressed(given: Floats, values: Floats, wanted: Floats) -> Floats:
    """What a ridge regression of values (G,) on rows (G, K) says of other rows."""
    centre, level = given.mean(0), float(values.mean())
    inner = (given - centre).T @ (given - centre) + RIDGE * np.eye(given.shape[1])
    slopes = np.linalg.solve(inner, (given - centre).T @ (values - level))
    return np.asarray((wanted - centre) @ slopes + level)


def _means(cells: Floats) -> Floats:
    known = ~np.isnan(cells)
    return np.where(known, cells, 0.0).sum(0) / np.maximum(known.sum(0), 1)


PEERS: Final[dict[str, Callable[[Floats], Generator[None, None, Floats]]]] = {
    "mean": filling_by_mean,
    "neighbours": filling_by_neighbours,
    "regressions": filling_by_regressions,
}
