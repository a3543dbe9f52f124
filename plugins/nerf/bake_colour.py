"""Splits the colours that a field shows into a fixed part and a few features whose effect depends on the direction.

What a feature adds along a direction, Σ_h Y_h(d) basis[h, f], is the same for the whole scene, so that rays sum up
features, and the head, a small matrix for each pixel, comes last. Measured on the polished scene, 2,500 places of the
surface, 64 directions, half of them to fit and half to test; error of the colours seen:

    numbers a place   3: no features     29.1 dB      8: five features    35.6 dB
                     12: harmonics to 1  30.3 dB     11: eight features   35.9 dB
                     27: harmonics to 2  33.0 dB     16: thirteen         36.0 dB
                     48: harmonics to 3  35.9 dB

Five features fill eight bytes and come within 0.3 dB of 48 numbers a place.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.kernel import kernel

from .bricks import N_BYTES, N_DIRECTION, N_FEATURES, N_POINTS
from .spherical_harmonics import spherical_harmonics

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]

_FACING: Final = 0.3  # the cosine up to which a ray from behind the surface may still see it
_EDGE: Final = 0.2  # the least that a direction counts from which a place is seen
_FLOOR: Final = np.float32(1e-6)
_EACH_OF_FLAT: Final = 4  # directions from which a place without a slope is looked at
_RIDGE: Final = np.float32(0.01)  # of the weights' sum: keeps features small where few directions see a place
_ROUNDS: Final = 6
_CLIPPED: Final = 0.2  # percent of the features at either end


@dataclass(frozen=True, eq=False)
class Head:
    """How features turn into colour, and the ranges in which they are kept in bytes.

    Attributes:
        basis: float32 (16, 5, 3): feature f adds Σ_h Y_h(d) basis[h, f] to what a ray along d sees.
        low, span: float32 (5,): of each feature.
    """

    basis: FloatArray
    low: FloatArray
    span: FloatArray

    def of_bytes(self) -> FloatArray:
        """The head (16, 6, 3) for features as bytes give them, 0..1, after one that is always 1."""
        constant = np.einsum("hfc,f->hc", self.basis, self.low)[:, None]
        return np.concatenate([constant, self.basis * self.span[:, None]], axis=1).astype(np.float32)


def no_head() -> Head:
    """For colours that are alike from all sides."""
    zeros = np.zeros(N_FEATURES, np.float32)
    return Head(np.zeros((N_DIRECTION, N_FEATURES, 3), np.float32), zeros, zeros + 1)


@dataclass(frozen=True, eq=False)
class Directions:
    """From where each place is looked at: unit directions (K, 3) of rays, spread evenly."""

    rays: FloatArray

    @cached_property
    def harmonics(self) -> FloatArray:
        """(K, 16)."""
        return spherical_harmonics(self.rays)

    def weights(self, outward: FloatArray) -> FloatArray:
        """How much each direction counts (P, K) for places whose surfaces look `outward` (P, 3); 0 from behind.

        Places without a slope lie deep inside or in thin fog: a few directions are enough.
        """
        facing = np.einsum("pc,kc->pk", -outward, self.rays)
        weights = np.where(facing > -_FACING, np.maximum(facing, _EDGE), 0).astype(np.float32)
        flat = ~outward.any(axis=1)
        weights[flat] *= np.arange(len(self.rays)) % _EACH_OF_FLAT == 0
        return weights


def spread_directions(n: int) -> Directions:
    """`n` directions on a spiral over the sphere (Fibonacci)."""
    z = 1 - (2 * np.arange(n) + 1) / n
    angle = np.pi * (3 - 5**0.5) * np.arange(n)
    ring = np.sqrt(1 - z * z)
    return Directions(np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1).astype(np.float32))


def outward(opacity: ByteArray) -> FloatArray:
    """Unit vectors (N, 512, 3) against the growth of opacity at the own points of bricks (N, 9, 9, 9); 0 inside."""
    n_own = N_POINTS - 1
    slopes = [np.gradient(opacity.astype(np.float32), axis=axis)[:, :n_own, :n_own, :n_own] for axis in (3, 2, 1)]
    slope = -np.stack(slopes, axis=-1).reshape(-1, n_own**3, 3)
    return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=-1, keepdims=True), 1e-6), np.float32)


def learn_head(directions: Directions, weights: FloatArray, colours: FloatArray) -> Head:
    """Find the five features that explain best how colours (P, K, 3), weighted (P, K), change with the direction.

    A factorisation by turns: the parts of each place for a given basis, then the basis for given parts.
    """
    n_places = len(colours)
    harmonics = directions.harmonics
    mean = np.einsum("pk,pkc->pc", weights, colours) / np.maximum(weights.sum(axis=1), 1e-6)[:, None]
    rest = (colours - mean[:, None]) * weights[..., None]
    projected = np.einsum("pkc,kh->phc", rest, harmonics[:, 1:]).reshape(n_places, -1)
    _, vectors = np.linalg.eigh(np.einsum("pi,pj->ij", projected, projected))  # no BLAS: its threads cost more
    rows = vectors.T[::-1]
    basis = np.zeros((N_DIRECTION, N_FEATURES, 3), np.float32)
    basis[1:] = rows[:N_FEATURES].reshape(N_FEATURES, N_DIRECTION - 1, 3).transpose(1, 0, 2)
    for _ in range(_ROUNDS):
        parts = split(directions, weights, colours, basis)
        basis = _fit_basis(harmonics, weights, colours - parts[:, None, :3], parts[:, 3:])
        basis /= np.sqrt(np.square(basis).sum(axis=(0, 2), keepdims=True)) + 1e-9
    features = split(directions, weights, colours, basis)[:, 3:]
    low, high = np.percentile(features, [_CLIPPED, 100 - _CLIPPED], axis=0).astype(np.float32)
    return Head(basis, low, np.maximum(high - low, 1e-6))


def split(directions: Directions, weights: FloatArray, colours: FloatArray, basis: FloatArray) -> FloatArray:
    """Colour and features (P, 8) of places with colours (P, K, 3), weighted (P, K): ridge regression."""
    design = np.zeros((len(directions.rays), 3, N_BYTES), np.float32)
    design[:, range(3), range(3)] = 1
    design[:, :, 3:] = np.einsum("kh,hfc->kcf", directions.harmonics, basis)
    parts = np.empty((len(colours), N_BYTES), np.float32)
    _solve_places(weights, colours, design, parts)
    return parts


@kernel(fast_math=True)
def _solve_places(weights, colours, design, parts):
    """Solve the normal equations of each place by Cholesky's factorisation (numpy's threads cost more than this)."""
    normal = np.empty((N_BYTES, N_BYTES), np.float32)
    for p in range(len(parts)):
        normal[:] = 0
        solution = parts[p]
        solution[:] = 0
        total = np.float32(0)
        for k in range(weights.shape[1]):
            weight = weights[p, k]
            total += weight
            for c in range(3):
                for i in range(N_BYTES):
                    weighted = weight * design[k, c, i]
                    solution[i] += weighted * colours[p, k, c]
                    for j in range(i + 1):
                        normal[i, j] += weighted * design[k, c, j]
        for i in range(N_BYTES):
            normal[i, i] += _FLOOR + (_RIDGE * total if i >= 3 else np.float32(0))
        _solve_symmetric(normal, solution)


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


def _fit_basis(harmonics: FloatArray, weights: FloatArray, rest: FloatArray, features: FloatArray) -> FloatArray:
    """The basis (16, F, 3) that turns features (P, F) into what is left of the colours (P, K, 3)."""
    n = harmonics.shape[1] * features.shape[1]
    alike = np.einsum("kpf,pg->kfg", weights.T[:, :, None] * features, features)
    normal = np.einsum("kh,ki,kfg->hfig", harmonics, harmonics, alike).reshape(n, n)
    normal[np.diag_indices(n)] += 1e-4 * np.trace(normal) / n + 1e-9
    target = np.einsum("kpf,kpc->kfc", weights.T[:, :, None] * features, rest.transpose(1, 0, 2))
    found = np.linalg.solve(normal, np.einsum("kh,kfc->hfc", harmonics, target).reshape(n, 3))
    return found.reshape(harmonics.shape[1], features.shape[1], 3).astype(np.float32)


def to_bytes(parts: FloatArray, head: Head) -> ByteArray:
    """Colour and features (P, 8) as bytes."""
    share = parts.copy()
    share[:, 3:] = (parts[:, 3:] - head.low) / head.span
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
