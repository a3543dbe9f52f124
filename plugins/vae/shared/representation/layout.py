"""Lays encoded pictures out in the plane, and measures how many neighbours of a picture are of its kind there.

Shapes: N pictures, D latent numbers, Q queries, K neighbours.
"""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.pausing import beside
from studio.core.seed import generator
from studio.core.view import FloatArray

from .encoded import Encoded, Progress, kept_file, key_of, read_arrays, write_arrays
from .neighbour_map import neighbour_map

FLAT, NEIGHBOURS = "flat", "neighbours"
N_NEIGHBOURS: Final = 10
N_QUERIES: Final = 2000
N_HELD: Final = 8_000_000
"""Distances that are held at once: finding the nearest of them takes less than 50 ms."""
RIDGE: Final = 1e-3
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Purity:
    """Of ten nearest neighbours, how many are of the picture's own kind: in latent space, on the map, and by chance."""

    latent: float
    on_map: float
    chance: float


@dataclass(frozen=True, eq=False)
class Layout:
    """Where pictures lie on a map.

    Attributes:
        way: FLAT or NEIGHBOURS. by: the label that they are arranged by, "" for none.
        positions: (N, 2) float32 in -1..1.
        purities: by label, asked of pictures that nothing was learnt from.
    """

    way: str
    by: str
    positions: FloatArray
    purities: dict[str, Purity] = field(default_factory=dict)


def laid_out(encoded: Encoded, way: str, by: str, seed: int = 0) -> Generator[Progress | Layout | None, None, Layout]:
    """Lay pictures out: by their two strongest directions, or so that neighbours stay neighbours (UMAP).

    The layout is yielded as soon as it is there, and returned once its purities are known.
    Where they are arranged by a label, it is by what tells its kinds apart (Fisher's discriminant), learnt from the
    pictures that are not held out. Raises UserError where UMAP is not installed or fails.
    """
    space = encoded.z if not by else encoded.z @ discriminants(encoded, by)  # (N, D')
    path = kept_file(encoded.key, key_of(way, by, seed))
    kept = yield from beside(partial(read_arrays, path))
    flat = principal(space)
    positions = flat if kept is None else kept.get("positions", flat)
    if kept is None and way == NEIGHBOURS:
        positions = yield from neighbour_map(space, flat, seed)
        yield from beside(partial(write_arrays, path, positions=positions))
    layout = Layout(way, by, in_the_square(positions))
    yield layout
    return replace(layout, purities=(yield from _purities(encoded, positions)))


def principal(space: FloatArray) -> FloatArray:
    """Where places (N, D) lie along their two directions of largest variance, (N, 2) (Pearson 1901).

    Each points to where the place with the largest amount lies, so that a map is never turned round.
    """
    centred = space - space.mean(0)
    _values, vectors = np.linalg.eigh(centred.T @ centred)  # ascending
    flat = centred @ vectors[:, ::-1][:, :2]
    flat = np.pad(flat, [(0, 0), (0, 2 - flat.shape[1])])
    largest = flat[np.abs(flat).argmax(0), [0, 1]]
    return np.asarray(flat * np.where(largest < 0, -1, 1), np.float32)


def discriminants(encoded: Encoded, by: str) -> FloatArray:
    """The directions (D, K - 1 at most) that tell the kinds of a label apart, those within a kind spread by 1.

    Fisher 1936, Rao 1948; a small ridge keeps directions in which nothing is spread from counting.
    """
    learnt = ~held_out(encoded)
    z, of = encoded.z[learnt].astype(np.float64), encoded.labels[by].of[learnt]
    counts = np.bincount(of)
    means = np.stack([np.bincount(of, column) for column in z.T], 1) / np.maximum(counts, 1)[:, None]  # (kinds, D)
    rest, between = z - means[of], (means - z.mean(0))[counts > 0]
    within = rest.T @ rest / len(z)
    within += RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)  # (D, D)
    weighted = between @ whiten * np.sqrt(counts[counts > 0] / len(z))[:, None]
    _u, strengths, directions = np.linalg.svd(weighted, full_matrices=False)
    n_kept = max(2, min(len(between) - 1, len(within), int((strengths > 1e-6 * strengths.max()).sum())))
    return np.asarray(whiten @ directions[:n_kept].T, np.float32)


def in_the_square(positions: FloatArray) -> FloatArray:
    """The same (N, 2), moved and stretched so that they fill -1..1 both ways."""
    low, high = positions.min(0), positions.max(0)
    return np.asarray(2 * (positions - low) / np.maximum(high - low, 1e-9) - 1, np.float32)


def _purities(encoded: Encoded, positions: FloatArray) -> Generator[None, None, dict[str, Purity]]:
    """How pure neighbourhoods are, by label; yields None alone, so that what was told last is not passed over."""
    queries = asked(encoded)
    near = yield from nearest(encoded.z, queries, min(N_NEIGHBOURS, len(encoded.z) - 1))
    near_on_map = yield from nearest(positions, queries, near.shape[1])
    found = {}
    for title, label in encoded.labels.items():
        shares = np.bincount(label.of) / len(label.of)
        chance = float(shares[label.of[queries]].mean())
        found[title] = Purity(purity(near, queries, label.of), purity(near_on_map, queries, label.of), chance)
    return found


def held_out(encoded: Encoded) -> npt.NDArray[np.bool_]:
    """Which pictures (N,) nothing is learnt from: those that the model has not seen, or half of them by chance."""
    if encoded.is_held_out.any() and not encoded.is_held_out.all():
        return encoded.is_held_out
    return np.asarray(generator(0, "held out").permutation(len(encoded.z)) % 2 == 1)


def asked(encoded: Encoded) -> IntArray:
    """Of which pictures neighbours are asked: 2,000 at most, and only held-out ones."""
    among = np.flatnonzero(held_out(encoded))
    return np.asarray(generator(0, "purity").permutation(among)[:N_QUERIES])


def nearest(points: FloatArray, queries: IntArray, k: int) -> Generator[None, None, IntArray]:
    """The `k` nearest others of some points (N, D), by their indices (Q,): (Q, k). Yields every 50 ms."""
    squares, found = np.square(points).sum(1), []
    n_at_once = max(1, N_HELD // (8 * len(points)))
    for first in range(0, len(queries), n_at_once):
        part = queries[first : first + n_at_once]
        distances = squares - 2 * points[part] @ points.T  # up to what is the same for all
        distances[np.arange(len(part)), part] = np.inf
        found.append(np.argpartition(distances, k - 1, axis=1)[:, :k])
        yield
    return np.concatenate(found)


def purity(near: IntArray, queries: IntArray, of: npt.NDArray[np.integer]) -> float:
    """How many of the neighbours (Q, K) of pictures (Q,) are of their kind, `of` (N,): 0..1."""
    return float((of[near] == of[queries, None]).mean())
