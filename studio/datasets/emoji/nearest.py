"""Which of the shipped icons come nearest to what is in a picture, so that one sees what was remembered."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.pausing import pause
from studio.datasets.emoji.drawing import N_WITH, PLACES, SIDES_PX, SIZE_PX, box_of, load_patches
from studio.datasets.emoji.icons import OBJECTS, Pixels, load_icons

SOLID: Final = 0.98  # what is less opaque shows some of the background
N_ICONS: Final = len(OBJECTS)  # so many are compared; what is worn never stands alone


@dataclass(frozen=True, eq=False)
class NearIcon:
    """An icon of the pack and how far it is from the most similar part of a picture.

    Attributes:
        name: of the object.
        distance: mean difference of a colour, 0 to 1, where the icon is opaque, to where in the picture it fits best.
        pixels: (64, 64, 3) uint8, the icon on white.
    """

    name: str
    distance: float
    pixels: Pixels


def nearest_icons(picture: NDArray[np.float32], n_most: int = 3) -> list[NearIcon]:
    """The objects of the pack that come nearest to some part of a scene (64, 64, 3) in 0..1, the nearest first.

    Each is held to the picture at every place and in both sizes that scenes have.

    Raises:
        ValueError: the picture is of another size.
    """
    if picture.shape != (SIZE_PX, SIZE_PX, 3):
        raise ValueError(f"a scene has {SIZE_PX} x {SIZE_PX} pixels")
    ways = [_distances(picture, size, place) for size in range(len(SIDES_PX)) for place in range(len(PLACES))]
    distances = np.min(ways, axis=0)  # (objects,)
    order = np.argsort(distances, kind="stable")[:n_most]
    return [NearIcon(OBJECTS[index], float(distances[index]), _on_white(index)) for index in order]


def _distances(picture: NDArray[np.float32], size: int, place: int) -> NDArray[np.float64]:
    """(objects,) of each object without accessories, held to one place in one size."""
    pause()
    left, top, side = (int(number) for number in box_of(size, place))
    under = picture[top : top + side, left : left + side].astype(np.float64)
    patches = load_patches().of_size(size)[::N_WITH].astype(np.float64) / 255  # (objects, side, side, 4)
    is_solid = patches[..., 3:] > SOLID
    difference = (np.abs(under - patches[..., :3]) * is_solid).sum((1, 2, 3))
    found: NDArray[np.float64] = difference / (3 * is_solid.sum((1, 2, 3)))
    return found


def _on_white(index: int) -> Pixels:
    icon = load_icons().objects[index].astype(np.float32)
    opacity = icon[..., 3:] / 255
    pixels: Pixels = np.round(icon[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    return pixels
