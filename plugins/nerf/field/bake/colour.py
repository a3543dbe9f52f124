"""Splits the colours that a field shows into a fixed part and a few features whose effect depends on the direction.

What a feature adds along a direction is the same for the whole scene (a table over directions, the head), so that rays
sum up features, and the head, a few numbers for each pixel, comes last. Measured on the polished scene after 3,000
steps, 1,500 places of the surface, 256 directions; error of the colours seen from above and in front:

    numbers a place   3: no features                 23.6 dB
                     48: harmonics to degree 3       27.6 dB
                      8: five features, harmonics    27.3 dB    five features, table     36.2 dB
                     11: eight features, harmonics   27.5 dB    eight features, table    38.1 dB
                     16: thirteen, harmonics         27.8 dB    thirteen, table          41.0 dB

So harmonics are too smooth for polish, and what counts is not how many features there are; five fill eight bytes.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from ...shared.threads import share
from ..render.small_networks import spherical_harmonics
from .bricks import N_BYTES, N_FEATURES, N_POINTS, SIDE, table_rays

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]

_FACING: Final = 0.2  # the cosine up to which a ray from behind the surface may still see it
_EDGE: Final = 0.1  # the least that a direction counts from which a place is seen
_RISE: Final = 4.0  # times the cosine: from about 15° above the surface each direction counts alike
_PULL: Final = 1e-3  # of all places' weight, towards the table of the round before
_FLOOR: Final = np.float32(1e-6)
_N_TOGETHER: Final = 512  # places, the least that are worth a thread
_EACH_OF_FLAT: Final = 4  # directions from which a place without a slope is looked at
_RIDGE: Final = np.float32(0.003)  # of the weights' sum: keeps features small where few directions see a place
_ROUNDS: Final = 8
_CLIPPED: Final = 0.2  # percent of the features at either end


@dataclass(frozen=True, eq=False)
class DirectionHead:
    """How features turn into colour, and the ranges in which they are kept in bytes.

    Attributes:
        basis: float32 (25, 25, 5, 3), a table over directions: what each feature adds to the colour.
        low, span: float32 (5,): of each feature.
    """

    basis: FloatArray
    low: FloatArray
    span: FloatArray

    def of_bytes(self) -> FloatArray:
        """The head (25, 25, 6, 3) for features as bytes give them, 0..1, after one that is always 1."""
        constant = np.einsum("vufc,f->vuc", self.basis, self.low)[:, :, None]
        return np.concatenate([constant, self.basis * self.span[:, None]], axis=2).astype(np.float32)


def no_head() -> DirectionHead:
    """For colours that are alike from all sides."""
    zeros = np.zeros(N_FEATURES, np.float32)
    return DirectionHead(np.zeros((SIDE, SIDE, N_FEATURES, 3), np.float32), zeros, zeros + 1)


def ray_weights(rays: FloatArray, outward: FloatArray) -> FloatArray:
    """How much each direction (K, 3) counts (P, K) for places whose surfaces look `outward` (P, 3); 0 from behind.

    Places without a slope lie deep inside or in thin fog: a few directions are enough.
    """
    facing = np.einsum("pc,kc->pk", -outward, rays)
    weights = np.where(facing > -_FACING, np.clip(facing * _RISE, _EDGE, 1), 0).astype(np.float32)
    flat = ~outward.any(axis=1)
    weights[flat] *= np.arange(len(rays)) % _EACH_OF_FLAT == 0
    return weights


def spread_rays(n: int) -> FloatArray:
    """Unit directions (n, 3) on a spiral over the sphere (Fibonacci)."""
    z = 1 - (2 * np.arange(n) + 1) / n
    angle = np.pi * (3 - 5**0.5) * np.arange(n)
    ring = np.sqrt(1 - z * z)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1).astype(np.float32)


def outward(opacity: ByteArray) -> FloatArray:
    """Unit vectors (N, 512, 3) against the growth of opacity at the own points of bricks (N, 9, 9, 9); 0 inside."""
    n_own = N_POINTS - 1
    slopes = [np.gradient(opacity.astype(np.float32), axis=axis)[:, :n_own, :n_own, :n_own] for axis in (3, 2, 1)]
    slope = -np.stack(slopes, axis=-1).reshape(-1, n_own**3, 3)
    return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=-1, keepdims=True), 1e-6), np.float32)


def learn_head(weights: FloatArray, colours: FloatArray) -> Generator[None, None, DirectionHead]:
    """Find the five features that explain best how colours change with the direction; yields now and then.

    A factorisation by turns: the parts of each place for a given table, then the table for given parts.

    Args:
        weights: (P, K), of each direction of the table for each place. colours: (P, K, 3) seen along them.
    """
    basis = _smooth_basis(weights, colours)
    for _ in range(_ROUNDS):
        yield
        parts = split(weights, colours, basis)
        yield
        basis = _fit_basis(weights, colours - parts[:, None, :3], parts[:, 3:], basis)
        basis /= np.sqrt(np.square(basis).mean(axis=(0, 2), keepdims=True)) + 1e-9
    yield
    features = split(weights, colours, basis)[:, 3:]
    low, high = np.percentile(features, [_CLIPPED, 100 - _CLIPPED], axis=0).astype(np.float32)
    return DirectionHead(basis.reshape(SIDE, SIDE, N_FEATURES, 3), low, np.maximum(high - low, 1e-6))


def _smooth_basis(weights: FloatArray, colours: FloatArray) -> FloatArray:
    """A table (K, F, 3) to begin with: the strongest components of the colours' spherical harmonics."""
    harmonics = spherical_harmonics(table_rays())[:, 1:]
    mean = np.einsum("pk,pkc->pc", weights, colours) / np.maximum(weights.sum(axis=1), 1e-6)[:, None]
    rest = (colours - mean[:, None]) * weights[..., None]
    projected = np.einsum("pkc,kh->phc", rest, harmonics).reshape(len(rest), -1)
    _, vectors = np.linalg.eigh(np.einsum("pi,pj->ij", projected, projected))  # no BLAS: its threads cost more
    strongest = vectors.T[::-1][:N_FEATURES].reshape(N_FEATURES, -1, 3)
    return np.einsum("kh,fhc->kfc", harmonics, strongest).astype(np.float32)


def split(weights: FloatArray, colours: FloatArray, basis: FloatArray) -> FloatArray:
    """Colour and features (P, 8) of places with colours (P, K, 3), weighted (P, K): ridge regression.

    Args:
        basis: (K, 5, 3): what the features add along each direction.
    """
    design = np.zeros((len(basis), 3, N_BYTES), np.float32)
    design[:, range(3), range(3)] = 1
    design[:, :, 3:] = basis.transpose(0, 2, 1)
    grams = np.einsum("kci,kcj->kij", design, design).reshape(-1, N_BYTES**2)
    rows, parts = design.reshape(-1, 3 * N_BYTES), np.empty((len(colours), N_BYTES), np.float32)

    def part(first: int, last: int) -> None:
        span = slice(first, last)
        _solve_places(weights[span], colours[span], grams, rows, parts[span])

    share(part, len(parts), _N_TOGETHER)
    return parts


@kernel(fast_math=True)
def _solve_places(weights, colours, grams, rows, parts):
    """Solve the normal equations of each place by Cholesky's factorisation (numpy's threads cost more than this)."""
    normal, right = np.empty(N_BYTES * N_BYTES, np.float32), np.empty(3 * N_BYTES, np.float32)
    for p in range(len(parts)):
        normal[:] = 0
        right[:] = 0
        total = np.float32(0)
        for k in range(weights.shape[1]):
            weight = weights[p, k]
            if weight == 0:
                continue
            total += weight
            gram, row = grams[k], rows[k]
            for i in range(np.uint64(N_BYTES * N_BYTES)):
                normal[i] += weight * gram[i]
            for c in range(3):
                colour = weight * colours[p, k, c]
                for i in range(np.uint64(N_BYTES)):
                    right[np.uint64(c * N_BYTES) + i] += colour * row[np.uint64(c * N_BYTES) + i]
        solution, matrix = parts[p], normal.reshape(N_BYTES, N_BYTES)
        for i in range(N_BYTES):
            solution[i] = right[i] + right[N_BYTES + i] + right[2 * N_BYTES + i]
            matrix[i, i] += _FLOOR + (_RIDGE * total if i >= 3 else np.float32(0))
        _solve_symmetric(matrix, solution)


@kernel(fast_math=True)
def _solve_symmetric(matrix, vector):
    """Solve in place with a positive definite matrix of which the lower triangle is given."""
    n = len(vector)
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i, j]
            for k in range(j):
                rest -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = np.sqrt(rest) if i == j else rest / matrix[j, j]
        for k in range(i):
            vector[i] -= matrix[i, k] * vector[k]
        vector[i] /= matrix[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            vector[i] -= matrix[k, i] * vector[k]
        vector[i] /= matrix[i, i]


def _fit_basis(weights: FloatArray, rest: FloatArray, features: FloatArray, before: FloatArray) -> FloatArray:
    """The table (K, F, 3) that turns features (P, F) into what is left of the colours (P, K, 3).

    Directions that few places are seen from stay near what they were.
    """
    weighted = weights.T[:, None] * features.T  # (K, F, P)
    normal = np.matmul(weighted, features)
    pull = _PULL * np.square(features).sum() / features.shape[1]
    normal[:, range(N_FEATURES), range(N_FEATURES)] += pull + 1e-9
    target = np.matmul(weighted, rest.transpose(1, 0, 2)) + pull * before
    return np.linalg.solve(normal, target).astype(np.float32)


def to_bytes(parts: FloatArray, head: DirectionHead) -> ByteArray:
    """Colour and features (P, 8) as bytes."""
    share = parts.copy()
    share[:, 3:] = (parts[:, 3:] - head.low) / head.span
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
