"""Where the parts of a drawn face lie in the mean, cell by cell; no Qt."""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.training import PART_NAMES, AvatarLayers

from ..words import LABELS

# The parts of a drawing that tell a label. Brows are drawn as beards are, and a bun as hair that hangs down.
_HAIR: Final = ("hair", "hair_shade")
_CLOTHES: Final = ("clothes", "clothes_shade", "shirt", "shirt_shade", "clothes_inside")
_PARTS: Final = {
    "hair": _HAIR,
    "rear_hair": ("hair_behind",),
    "beard": ("beard",),
    "mouth": ("mouth", "tongue", "lip"),
    "eyes": ("eyes",),
    "brows": ("beard",),
    "clothes": _CLOTHES,
    "hair_colour": _HAIR,
    "skin_colour": ("skin",),
    "clothes_colour": _CLOTHES,
}
_MIDDLE: Final = 0.5
"""Of the height: brows and buns lie above, beards and long hair below."""


def places_of_parts(layers: AvatarLayers, n_side: int) -> npt.NDArray[np.float32]:
    """How much of each label's part lies in each of n_side² cells, row by row, (L, S), 1 in sum for each."""
    maps = np.stack([layers.parts(index) for index in range(len(layers.seeds))])  # (N, 512, 512)
    n_px = maps.shape[1] // n_side
    found = []
    for label in LABELS:
        is_there = np.isin(maps, [PART_NAMES.index(name) for name in _PARTS[label]])
        middle = round(_MIDDLE * maps.shape[1])
        if label == "brows":
            is_there[:, middle:] = False
        elif label in ("rear_hair", "beard"):
            is_there[:, :middle] = False
        cells = is_there.reshape(len(maps), n_side, n_px, n_side, n_px).sum((0, 2, 4)).ravel()
        found.append(cells / cells.sum())
    return np.stack(found).astype(np.float32)
