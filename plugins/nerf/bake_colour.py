"""Splits the colours that a field shows into a fixed part and a few features whose effect depends on the direction."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from .bricks import N_BYTES, N_DIRECTION, N_FEATURES, N_POINTS
from .spherical_harmonics import spherical_harmonics

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]

_FACING: Final = 0.3  # the cosine up to which a ray from behind the surface may still see it
_EDGE: Final = 0.2  # the least that a direction counts from which a place is seen
_RIDGE: Final = 0.01  # of the weights' sum: keeps features small where few directions see a place
_SAMPLES: Final = 4000  # places from which the head is learnt
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
        """How much each direction counts (P, K) for places whose surfaces look `outward` (P, 3); 0 from behind."""
        facing = -outward @ self.rays.T
        return np.where(facing > -_FACING, np.maximum(facing, _EDGE), 0).astype(np.float32)


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
    slope = -np.stack(slopes, axis=-1).reshape(len(opacity), -1, 3)
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
    _, _, rows = np.linalg.svd(projected, full_matrices=False)
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
    n_directions = len(directions.rays)
    design = np.zeros((n_directions, 3, N_BYTES), np.float32)
    design[:, range(3), range(3)] = 1
    design[:, :, 3:] = np.einsum("kh,hfc->kcf", directions.harmonics, basis)
    grams = np.einsum("kci,kcj->kij", design, design).reshape(n_directions, -1)
    normal = (weights @ grams).reshape(-1, N_BYTES, N_BYTES)
    normal[:, range(3, N_BYTES), range(3, N_BYTES)] += _RIDGE * weights.sum(axis=1)[:, None]
    normal[:, range(N_BYTES), range(N_BYTES)] += 1e-6
    target = (colours * weights[..., None]).reshape(len(colours), -1) @ design.reshape(-1, N_BYTES)
    return np.linalg.solve(normal, target[..., None])[..., 0]


def _fit_basis(harmonics: FloatArray, weights: FloatArray, rest: FloatArray, features: FloatArray) -> FloatArray:
    """The basis (16, F, 3) that turns features (P, F) into what is left of the colours (P, K, 3)."""
    rows = np.einsum("kh,pf->pkhf", harmonics, features).reshape(-1, harmonics.shape[1] * features.shape[1])
    weighted = rows * weights.reshape(-1, 1)
    normal = weighted.T @ rows
    normal[np.diag_indices_from(normal)] += 1e-4 * np.trace(normal) / len(normal) + 1e-9
    found = np.linalg.solve(normal, weighted.T @ rest.reshape(-1, 3))
    return found.reshape(harmonics.shape[1], features.shape[1], 3).astype(np.float32)


def to_bytes(parts: FloatArray, head: Head) -> ByteArray:
    """Colour and features (P, 8) as bytes."""
    share = parts.copy()
    share[:, 3:] = (parts[:, 3:] - head.low) / head.span
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
