"""Draws scenes of icons: accessories put on objects, objects put at places, all on a colour.

Shape letters: N scenes, K slots for objects, P patches (each object without and with each accessory).
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.datasets.emoji.icons import ACCESSORIES, ICON_PX, OBJECTS, Pixels, load_icons

SIZE_PX: Final = 64
N_SLOTS: Final = 3
SIZES: Final = ("big", "small")
SIDES_PX: Final = (36, 20)
# Where the box of an object begins, by its size and by its column or row.
STARTS_PX: Final = ((2, 14, 26), (2, 22, 42))
PLACES: Final = (
    *("top left", "top", "top right"),
    *("left", "middle", "right"),
    *("bottom left", "bottom", "bottom right"),
)
COLOURS: Final = {
    "white": "#ffffff",
    "grey": "#a9b0ba",
    "black": "#26282e",
    "red": "#e0655a",
    "orange": "#f59b42",
    "yellow": "#fbe27a",
    "green": "#7cc48a",
    "blue": "#6fa8ec",
    "purple": "#a286dc",
    "pink": "#f7b3d2",
}
N_WITH: Final = len(ACCESSORIES) + 1
CORNER_PX: Final = 8  # at most so much of the boxes of two objects lies over each other, at a corner of both
_BLOCK: Final = 256
_CANVAS_PX: Final = 128
_MARGIN_PX: Final = (_CANVAS_PX - ICON_PX) // 2
# How an accessory sits: the part of it that touches, 0 to 1 of its picture's sides, and its width over the object's.
_SEATS: Final = {
    "sunglasses": ("eyes", (0.5, 0.5), 0.78),
    "top hat": ("top", (0.5, 0.84), 0.62),
    "crown": ("top", (0.5, 0.86), 0.6),
    "cap": ("top", (0.46, 0.76), 0.66),
    "bow": ("side", (0.5, 0.5), 0.46),
    "flower": ("other side", (0.5, 0.5), 0.42),
}
# Where the eyes are, as a share of the sides of what is opaque, where it is not the middle a little above.
_EYES: Final = {
    "fox": (0.5, 0.55),
    "cat": (0.5, 0.52),
    "dog": (0.5, 0.42),
    "bear": (0.5, 0.45),
    "panda": (0.5, 0.46),
    "lion": (0.5, 0.44),
    "frog": (0.5, 0.22),
    "monkey": (0.5, 0.42),
    "cow": (0.5, 0.46),
    "rabbit": (0.5, 0.68),
    "penguin": (0.48, 0.2),
    "owl": (0.5, 0.34),
    "octopus": (0.42, 0.36),
    "turtle": (0.2, 0.36),
    "crab": (0.5, 0.42),
    "alien": (0.5, 0.52),
    "robot": (0.5, 0.42),
    "snowman": (0.5, 0.3),
}
# How wide what wears it is there, over the width of what is opaque, where it is not all of it.
_WIDTHS: Final = {
    "penguin": 0.6,
    "owl": 0.8,
    "octopus": 0.6,
    "turtle": 0.42,
    "snowman": 0.5,
    "rabbit": 0.85,
    "carrot": 0.6,
    "balloon": 0.7,
    "pineapple": 0.8,
    "guitar": 0.6,
    "rocket": 0.6,
    "tree": 0.9,
    "cactus": 0.7,
}


@dataclass(frozen=True, eq=False)
class Patches:
    """Every object as it is and with each accessory, in both sizes.

    Attributes:
        big: (P, 36, 36, 4) and
        small: (P, 20, 20, 4) uint8 RGBA, colours times opacity; patch = object N_WITH + accessory + 1.
        corners: (P, 2, 4) uint64, bits of the opaque ones of the 8 x 8 pixels in each corner (top left, top right,
            bottom left, bottom right), by size.
    """

    big: Pixels
    small: Pixels
    corners: NDArray[np.uint64]

    def of_size(self, size: int) -> Pixels:
        """The patches of a size, 0 big or 1 small."""
        return self.small if size else self.big


@cache
def load_patches() -> Patches:
    """The patches made of the pack; takes half a second the first time."""
    icons = load_icons()
    drawn: list[list[Pixels]] = [[], []]
    for name, picture in zip(OBJECTS, icons.objects, strict=True):
        for index in range(-1, len(ACCESSORIES)):
            whole = _dressed(name, picture, index, icons.accessories)
            for size, side in enumerate(SIDES_PX):
                drawn[size].append(_fitted(whole, side))
    big, small = (np.stack(patches) for patches in drawn)
    return Patches(big, small, np.stack([_corner_bits(big), _corner_bits(small)], 1))


def draw_scenes(
    patches: NDArray[np.int64], sizes: NDArray[np.int64], places: NDArray[np.int64], backgrounds: NDArray[np.int64]
) -> Pixels:
    """Scenes (N, 64, 64, 3): patches (N, K), -1 for none, of sizes and at places (N, K), on colours (N,)."""
    drawn = np.empty((len(patches), SIZE_PX, SIZE_PX, 3), np.uint8)
    for first in range(0, len(patches), _BLOCK):
        block = slice(first, first + _BLOCK)
        drawn[block] = _draw_block(patches[block], sizes[block], places[block], backgrounds[block])
    return drawn


def _draw_block(
    patches: NDArray[np.int64], sizes: NDArray[np.int64], places: NDArray[np.int64], backgrounds: NDArray[np.int64]
) -> Pixels:
    canvas = np.empty((len(patches), SIZE_PX, SIZE_PX, 3), np.float32)
    canvas[:] = colour_table()[backgrounds][:, None, None]
    known = load_patches()
    spots = sizes * len(PLACES) + places
    for slot in range(patches.shape[1]):
        is_there = patches[:, slot] >= 0
        for spot in np.unique(spots[is_there, slot]):
            chosen = np.flatnonzero(is_there & (spots[:, slot] == spot))
            size, place = divmod(int(spot), len(PLACES))
            patch = known.of_size(size)[patches[chosen, slot]].astype(np.float32)
            _paste(canvas, chosen, patch, box_of(size, place))
    return np.round(np.minimum(canvas, 255)).astype(np.uint8)


def _paste(canvas: NDArray[np.float32], chosen: NDArray[np.int64], patch: NDArray[np.float32], box: Pixels) -> None:
    left, top, side = (int(number) for number in box)
    rows, columns = slice(top, top + side), slice(left, left + side)
    under = canvas[chosen, rows, columns]
    canvas[chosen, rows, columns] = under * (1 - patch[..., 3:] / 255) + patch[..., :3]


def box_of(size: int, place: int) -> Pixels:
    """(left, top, side) in pixels of what is of a size, 0 big or 1 small, at a place."""
    row, column = divmod(place, 3)
    return np.array([STARTS_PX[size][column], STARTS_PX[size][row], SIDES_PX[size]], np.uint8)


@cache
def colour_table() -> NDArray[np.float32]:
    """(10, 3) the colours of COLOURS, 0 to 255."""
    return np.array([list(bytes.fromhex(code.lstrip("#"))) for code in COLOURS.values()], np.float32)


def _dressed(name: str, picture: Pixels, accessory: int, accessories: Pixels) -> Image.Image:
    """An object with an accessory, or with none (-1), cut to what is opaque."""
    canvas = Image.new("RGBA", (_CANVAS_PX, _CANVAS_PX))
    canvas.paste(Image.fromarray(picture), (_MARGIN_PX, _MARGIN_PX))
    if accessory >= 0:
        worn, corner = _seated(name, picture, accessory, accessories)
        canvas.alpha_composite(worn, corner)
    return canvas.crop(canvas.getchannel("A").point(lambda value: 255 * (value > 24)).getbbox())


def _seated(name: str, picture: Pixels, accessory: int, accessories: Pixels) -> tuple[Image.Image, tuple[int, int]]:
    """The accessory at the width that it has on an object, and where its top left corner lies on the canvas."""
    where, (across, down), share = _SEATS[ACCESSORIES[accessory]]
    left, top, right, bottom = _opaque_box(picture)
    width, height = right - left, bottom - top
    eyes = _EYES.get(name, (0.5, 0.46))
    wide = width * _WIDTHS.get(name, 1.0)
    x, y = left + eyes[0] * width, top + eyes[1] * height
    if where == "top":
        y = _crown_line(picture, x, wide)
    elif where in ("side", "other side"):
        x += (0.3 if where == "side" else -0.3) * wide
        y = _crown_line(picture, x, 0.2 * wide) + 0.03 * height
    alpha = Image.fromarray(accessories[accessory])
    cut = alpha.crop(alpha.getchannel("A").getbbox())
    scale = min(share * wide, 60.0) / cut.width
    worn = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.LANCZOS)
    return worn, (round(_MARGIN_PX + x - across * worn.width), round(_MARGIN_PX + y - down * worn.height))


def _opaque_box(picture: Pixels) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(picture[..., 3] > 96)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _crown_line(picture: Pixels, x: float, width: float) -> float:
    """The height at which something of `width` comes to rest upon an object around column x, a little sunk in."""
    first, last = round(x - 0.2 * width), round(x + 0.2 * width) + 1
    band = picture[:, max(first, 0) : max(last, 1), 3] > 96
    rows = np.flatnonzero(band.any(1))
    top = int(rows[0]) if len(rows) else 0
    return top + 0.11 * ICON_PX


def _fitted(picture: Image.Image, side: int) -> Pixels:
    """A picture in a square of `side` pixels, as large as it can be, colours times opacity."""
    scale = (side - 1) / max(picture.size)
    wide, high = (max(1, round(number * scale)) for number in picture.size)
    small = picture.convert("RGBa").resize((wide, high), Image.Resampling.LANCZOS)
    patch = np.zeros((side, side, 4), np.uint8)
    top, left = (side - high) // 2, (side - wide) // 2
    patch[top : top + high, left : left + wide] = np.asarray(small)
    return patch


def _corner_bits(patches: Pixels) -> NDArray[np.uint64]:
    """(P, 4) as said at Patches."""
    opaque = patches[..., 3] > 64
    near, far = slice(0, CORNER_PX), slice(-CORNER_PX, None)
    corners = [opaque[:, rows, columns] for rows in (near, far) for columns in (near, far)]
    bits = [np.packbits(corner.reshape(len(patches), 64), axis=1).view(np.uint64)[:, 0] for corner in corners]
    return np.stack(bits, 1)
