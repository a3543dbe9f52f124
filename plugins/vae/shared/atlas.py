"""What was measured of a latent space when its model was made: named directions, and a map of known places.

Shapes: D latent numbers, K directions (K = D, so that every place has its own values), N known places.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_

Array: TypeAlias = npt.NDArray[np.float32]

MAP_MARGIN = 1.08
MAX_PLACES = 10_000  # each is held against every other
MAX_GROUPS = 10
SHAPE = N_("Shape {n}")  # of a direction without a name of its own
MISFIT = N_("The model’s card does not match its weights.")
MISFIT_ADVICE = N_("Download both files again, or train the model again.")


@dataclass(frozen=True)
class AtlasDirection:
    """A direction of latent space.

    Attributes:
        name: plain word ("Weight").
        effect: mean absolute change of the drawn picture per unit, 0..1.
        low, high: where the examples lie (1st and 99th percentile).
        is_visible: whether one can see anything change.
    """

    name: str
    effect: float
    low: float
    high: float
    is_visible: bool


@dataclass(frozen=True, eq=False)
class Atlas:
    """Directions, strongest first, and the map.

    Attributes:
        directions: K of them.
        vectors: (K, D), z = values @ vectors.
        places: (N, D) known places with a name each, `groups` (N,) in 0..9 where they belong to classes.
        map_mean (D,), map_axes (2, D): the map's plane, axes orthonormal.
        extent: (x, y), the map shows [-x, x] x [-y, y].
        has_kinds: whether the names say what kind of picture each place draws, and are no digits.
        inverse: (D, K), values = z @ inverse.
        gap: the usual (median) distance from a known place to its nearest neighbour.
    """

    directions: tuple[AtlasDirection, ...]
    vectors: Array
    places: Array
    names: tuple[str, ...]
    groups: npt.NDArray[np.int64] | None
    map_mean: Array
    map_axes: Array
    extent: tuple[float, float]
    has_kinds: bool = False
    inverse: Array = field(init=False)
    gap: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inverse", np.linalg.inv(self.vectors).astype(np.float32))
        object.__setattr__(self, "gap", usual_gap(self.places))

    def values(self, z: Array) -> Array:
        """Return the value of a place (D,) along each direction, (K,)."""
        return np.asarray(z @ self.inverse, np.float32)

    def moved(self, z: Array, index: int, value: float) -> Array:
        """Return the place (D,) with its value along one direction set and all others kept."""
        return np.asarray(z + (value - self.values(z)[index]) * self.vectors[index], np.float32)

    def on_map(self, z: Array) -> Array:
        """Return where a place (D,) or places (N, D) lie on the map: (2,) or (N, 2)."""
        return np.asarray((z - self.map_mean) @ self.map_axes.T, np.float32)

    def from_map(self, x: float, y: float, z: Array) -> Array:
        """Return the place (D,) at (x, y) of the map that otherwise is like `z`."""
        return np.asarray(z + (np.array([x, y], np.float32) - self.on_map(z)) @ self.map_axes, np.float32)


def directions_of(card: Mapping[str, Any]) -> tuple[AtlasDirection, ...]:
    """Return the directions that a card lists, strongest first; raises UserError where it lists none."""
    try:
        directions = tuple(_direction(axis) for axis in card["axes"])
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(MISFIT, MISFIT_ADVICE) from error
    if not directions:
        raise UserError(MISFIT, MISFIT_ADVICE)
    return directions


def _direction(axis: Mapping[str, Any]) -> AtlasDirection:
    (low, high), title = axis["trained_range"], axis["title"]
    numbered = re.fullmatch(r"Shape (\d+)", title)
    name = SHAPE.format(n=numbered[1]) if numbered else title
    return AtlasDirection(name, float(axis["effect"]), float(low), float(high), bool(axis["is_visible"]))


def n_named(card: Mapping[str, Any]) -> int:
    """How many of them have a name of their own; these are not folded away."""
    return sum(axis["kind"] == "named" for axis in card["axes"]) or len(card["axes"])


def build_atlas(card: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], n_latent: int) -> Atlas:
    """Build the atlas of a model with `n_latent` numbers; raises UserError where card and arrays do not fit it."""
    try:
        if arrays["directions"].shape != (n_latent, n_latent) or max(map(len, arrays.values())) > MAX_PLACES:
            raise ValueError(n_latent)
        atlas = letter_atlas(card, arrays) if "typefaces" in card else class_atlas(card, arrays)
        fits = (
            len(atlas.directions) == n_latent,
            atlas.places.shape == (len(atlas.names), n_latent),
            atlas.map_axes.shape == (2, n_latent),
            atlas.map_mean.shape == (n_latent,),
            atlas.groups is None or 0 <= atlas.groups.min(initial=0) <= atlas.groups.max(initial=0) < MAX_GROUPS,
        )
    except (KeyError, ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
        raise UserError(MISFIT, MISFIT_ADVICE) from error
    if not all(fits):
        raise UserError(MISFIT, MISFIT_ADVICE)
    return atlas


def letter_atlas(card: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Atlas:
    """Build the atlas of a model whose known places are the styles of typefaces."""
    styles = arrays["styles"].astype(np.float32)  # (N, D)
    names = tuple(name for name, _ in card["typefaces"])
    mean, axes = arrays["map_mean"].astype(np.float32), arrays["map_basis"].astype(np.float32)
    x, y = MAP_MARGIN * np.abs((styles - mean) @ axes.T).max(axis=0)
    return Atlas(directions_of(card), arrays["directions"], styles, names, None, mean, axes, (float(x), float(y)))


def class_atlas(card: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Atlas:
    """Build the atlas of a latent space with encoded pictures as known places, each of a class.

    The map is the space itself where it has two numbers, else the plane in the arrays.
    """
    places, labels = arrays["places"].astype(np.float32), arrays["labels"].astype(np.int64)
    kinds = card.get("kinds")
    names = tuple(str(label) if kinds is None else str(kinds[label]) for label in labels)
    mean = arrays.get("map_mean", np.zeros(2)).astype(np.float32)
    axes = arrays.get("map_basis", np.eye(2)).astype(np.float32)
    extent = MAP_MARGIN * float(np.quantile(np.abs((places - mean) @ axes.T), 0.995))
    directions, is_kind = directions_of(card), kinds is not None
    return Atlas(directions, arrays["directions"], places, names, labels, mean, axes, (extent, extent), is_kind)


def usual_gap(places: Array) -> float:
    """Return the median distance from a place to its nearest other, for places (N, D), N >= 2."""
    squares = np.sum(places**2, axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * places @ places.T  # (N, N)
    np.fill_diagonal(distances, np.inf)
    return float(np.median(np.sqrt(np.maximum(distances.min(axis=1), 0.0))))
