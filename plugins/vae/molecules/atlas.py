"""The map of a space of molecules: held-out ones with their properties as known places.

Shapes: D latent numbers, N known molecules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError

from ..shared.atlas import MAP_MARGIN, MAX_PLACES, MISFIT, MISFIT_ADVICE, Array, Atlas, directions_of

PROPERTIES: Final = ("logP", "QED", "weight")


@dataclass(frozen=True, eq=False)
class MoleculeAtlas(Atlas):
    """An atlas whose places have properties, (N, 3), one column for each of PROPERTIES."""

    properties: Array = field(default_factory=lambda: np.zeros((0, len(PROPERTIES)), np.float32))


def build_molecule_atlas(
    card: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], known: Sequence[str], n_latent: int
) -> MoleculeAtlas:
    """The atlas of known molecules; raises UserError where card, arrays and names do not fit the model."""
    try:
        names = ("directions", "places", "map_mean", "map_basis", "properties")
        directions, places, mean, axes, properties = (arrays[name].astype(np.float32) for name in names)
        n, sliders = len(known), directions_of(card)
        wanted = ((n_latent, n_latent), (n, n_latent), (n_latent,), (2, n_latent), (n, len(PROPERTIES)))
        shapes = (directions.shape, places.shape, mean.shape, axes.shape, properties.shape)
        if shapes != wanted or len(sliders) != n_latent or not 2 <= n <= MAX_PLACES:
            raise ValueError(shapes)
        x, y = (MAP_MARGIN * np.quantile(np.abs((places - mean) @ axes.T), 0.995, axis=0)).tolist()
        return MoleculeAtlas(sliders, directions, places, tuple(known), None, mean, axes, (x, y), properties=properties)
    except (KeyError, ValueError, TypeError, np.linalg.LinAlgError) as error:
        raise UserError(MISFIT, MISFIT_ADVICE) from error
