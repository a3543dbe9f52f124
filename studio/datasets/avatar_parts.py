"""The parts of the drawn faces of `studio.datasets.avatars`: how each is told, what colour it has, where it has a line.

A face is drawn once more with every part in a colour of its own, without outlines and without soft edges.
"""

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.datasets.avatars import AVATAR_LABELS, artist

MAP_PX: Final = 512
LEAST_MET: Final = 60  # fewer pixels on a border say nothing
WHOLE_LINE: Final = 0.8  # of the pixels along a thin line are black
LEAST_LINE: Final = 0.2
SHADE: Final = 0.8  # of what lies under black at one fifth
# The parts, with the colour by which each is told.
PARTS: Final = {
    "background": (255, 255, 255),
    "skin": (255, 0, 0),
    "skin_shade": (204, 0, 0),
    "hair": (0, 255, 0),
    "hair_behind": (0, 255, 130),
    "hair_shade": (0, 204, 104),
    "beard": (255, 255, 0),
    "clothes": (0, 0, 255),
    "clothes_shade": (0, 0, 204),
    "shirt": (0, 255, 255),
    "shirt_shade": (0, 204, 204),
    "eyes": (75, 36, 34),
    "white": (246, 241, 228),
    "mouth": (97, 21, 25),
    "tongue": (224, 86, 75),
    "lip": (255, 0, 255),
    "neck_shade": (120, 0, 0),
    "clothes_inside": (0, 0, 120),
}
PART_NAMES: Final = tuple(PARTS)
_MORE_SHADES: Final = ((0, 204, 0), (204, 204, 0), (0, 163, 83))
_PART_OF_FILL: Final = {"#CBECF7": "shirt", "#3F2626": "lip"}
_PART_OF_SHADE: Final = {"body": "neck_shade", "openJacket": "clothes_inside"}  # with a line around them
_PART_OF_COMPONENT: Final = {"beard": "beard", "eyebrows": "beard", "rearHair": "hair_behind"}
_FIRST_LIES_BEHIND: Final = ("bun", "undercut")
PAINTS: Final = ("skin_colour", "hair_colour", "clothes_colour")
# What colour a part has: a share of a paint, by its number in PAINTS, and what is added to it.
_COLOURS: Final = {
    "background": (0, 0.0, "#ffffff", 1.0),
    "skin": (0, 1.0, "#000000", 0.0),
    "skin_shade": (0, SHADE, "#000000", 0.0),
    "hair": (1, 1.0, "#000000", 0.0),
    "hair_behind": (1, 1.0, "#000000", 0.0),
    "hair_shade": (1, SHADE, "#000000", 0.0),
    "beard": (1, 1.0, "#000000", 0.0),
    "clothes": (2, 1.0, "#000000", 0.0),
    "clothes_shade": (2, SHADE, "#000000", 0.0),
    "shirt": (2, 0.0, "#cbecf7", 1.0),
    "shirt_shade": (2, 0.0, "#cbecf7", SHADE),
    "eyes": (0, 0.0, "#4b2422", 1.0),
    "white": (0, 0.0, "#f6f1e4", 1.0),
    "mouth": (0, 0.0, "#611519", 1.0),
    "tongue": (0, 0.0, "#e0564b", 1.0),
    "lip": (0, 0.5, "#3f2626", 0.5),
    "neck_shade": (0, SHADE, "#000000", 0.0),
    "clothes_inside": (2, SHADE, "#000000", 0.0),
}


class PartArtist:
    """Draws the maps of faces, and finds out between which parts there are lines."""

    def __init__(self) -> None:
        """Raises UserError where a package of the extra “data” is missing."""
        self._draw = artist(in_part_colours, MAP_PX, "crispEdges")
        self._draw_lines = artist(partial(in_part_colours, has_lines=True), MAP_PX, "crispEdges")
        self._part_of = _part_of_colour()
        self._met, self._lined = np.zeros((2, len(PARTS), len(PARTS)), np.int64)

    def parts(self, seed: str) -> NDArray[np.uint8]:
        """Which part of PART_NAMES is seen at each pixel, (512, 512)."""
        red, green, blue = (self._draw(seed)[0] >> 3).transpose(2, 0, 1)
        return np.asarray(self._part_of[red, green, blue], np.uint8)

    def look_for_lines(self, seed: str, parts: NDArray[np.uint8]) -> None:
        """Count where parts meet in a face, and how much of that is black."""
        is_line = (self._draw_lines(seed)[0] == 0).all(2)
        for one, line in ((parts, is_line), (parts.T, is_line.T)):
            meets = one[1:] != one[:-1]
            pairs = one[1:][meets], one[:-1][meets]
            np.add.at(self._met, pairs, 1)
            np.add.at(self._lined, pairs, (line[1:] | line[:-1])[meets])

    def ink(self) -> NDArray[np.float32]:
        """How much of the border between two parts is drawn, (K, K) in 0..1."""
        met, lined = self._met + self._met.T, self._lined + self._lined.T
        share = np.where(met >= LEAST_MET, lined / np.maximum(met, 1), 0) / WHOLE_LINE
        return np.where(share < LEAST_LINE, 0, share.clip(0, 1)).astype(np.float32)


def face_colours(labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What colour each part of faces with labels (N, L) has, (N, K, 3) in 0..1, also where none of it is seen."""
    columns = (labels[:, list(AVATAR_LABELS).index(name)] for name in PAINTS)
    known = (np.stack([_rgb(colour) for colour in AVATAR_LABELS[name]]) for name in PAINTS)
    paints = np.stack([colours[column] for colours, column in zip(known, columns, strict=True)], 1)  # (N, P, 3)
    fixed, tint = part_colours()
    return fixed + tint @ paints


def part_colours() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How the colours of parts follow from those of PAINTS: fixed (K, 3) + tint (K, P) @ paints (P, 3)."""
    tint = np.zeros((len(PART_NAMES), len(PAINTS)), np.float32)
    for part, (paint, share, *_) in enumerate(_COLOURS.values()):
        tint[part, paint] = share
    return np.stack([np.float32(share) * _rgb(colour) for *_, colour, share in _COLOURS.values()]), tint


def in_part_colours(style: dict[str, Any], has_lines: bool = False) -> dict[str, Any]:
    """The style with every part in the colour that tells it, and no outlines unless they are wanted."""
    components = {
        name: {
            **component,
            "variants": {
                variant: {
                    **told,
                    "elements": [_told(one, name, variant, at, has_lines) for at, one in enumerate(told["elements"])],
                }
                for variant, told in component["variants"].items()
            },
        }
        for name, component in style["components"].items()
    }
    return {**style, "components": components}


def _told(node: Any, component: str, variant: str, place: int, has_lines: bool) -> Any:
    """A part of a drawing, with all in it, in the colours that tell parts."""
    if isinstance(node, list):
        return [_told(one, component, variant, place, has_lines) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {name: value for name, value in node.items() if has_lines or name != "stroke"}
    told = {name: _told(value, component, variant, place, has_lines) for name, value in kept.items()}
    part = _part_of_fill(node.get("fill"), component, variant, place)
    if part:
        told["fill"] = "#{:02x}{:02x}{:02x}".format(*PARTS[part])
        told.pop("fill-opacity", None)
    return told


def _part_of_fill(fill: Any, component: str, variant: str, place: int) -> str:
    """The part that is filled so; "" where the fill stays as it is."""
    if fill == "black":
        return _PART_OF_SHADE.get(variant, "")
    if not isinstance(fill, dict):
        return _PART_OF_FILL.get(fill, "")
    colour: str = fill["name"]
    if colour != "hair":
        return colour
    is_behind = component == "hair" and variant in _FIRST_LIES_BEHIND and place == 0
    return "hair_behind" if is_behind else _PART_OF_COMPONENT.get(component, colour)


def _part_of_colour() -> NDArray[np.uint8]:
    """The part whose colour is nearest, by the upper five bits of red, green and blue: (32, 32, 32)."""
    colours = np.array([*PARTS.values(), *(_MORE_SHADES)])
    parts = np.array([*range(len(PARTS)), *(PART_NAMES.index("hair_shade") for _ in _MORE_SHADES)], np.uint8)
    grid = np.stack(np.meshgrid(*3 * [8 * np.arange(32) + 4], indexing="ij"), -1)
    return np.asarray(parts[np.abs(grid[..., None, :] - colours).sum(-1).argmin(-1)], np.uint8)


def _rgb(colour: str) -> NDArray[np.float32]:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32) / np.float32(255)
