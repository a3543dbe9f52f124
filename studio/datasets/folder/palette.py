"""Which few colours flat pictures are made of, and which of them is seen at each place.

Colours are compared in OKLab (Ottosson 2020, “A perceptual color space for image processing”).
Shape letters: S pixels along a side of a picture, K colours, C different colours that were met.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Bytes: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]

MOST_COLOURS: Final = 24
ALIKE: Final = 0.06  # in OKLab, where white is 1 from black: so far apart colours may be one layer's
SAME: Final = 0.01  # hardly seen as another colour
EXPLAINED: Final = 0.985  # a palette grows until so much of what was met is alike one of its colours
STEADY: Final = 12  # of 255: neighbours that differ by no more are of one colour
REACH_PX: Final = 2  # soft edges are no wider
MOST_MET: Final = 4096
N_SEEN: Final = 128  # along a side, which are looked at for colours
N_ROUNDS: Final = 6
_BITS: Final = 5
_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(rgb: NDArray[np.floating]) -> Floats:
    """Colours (..., 3) of sRGB in 0..1 as lightness 0..1 and two axes of hue, (..., 3)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T, np.float64)


@dataclass(frozen=True, eq=False)
class FlatParts:
    """A picture as a map of flat parts.

    Attributes:
        parts: (S, S) uint8, which colour of the palette is seen.
        colours: (K, 3) in 0..1, what each of them is in this picture; that of the palette where none of it is seen.
        explained: how much of what is not the largest part has the colour of its part, 0..1.
    """

    parts: Bytes
    colours: NDArray[np.float32]
    explained: float


class Palette:
    """Up to 24 colours that pictures share, by k-means over the colours met in them (Lloyd 1982), found greedily."""

    def __init__(self, met: Floats) -> None:
        """Take how much of each colour was met, as `colours_met` says it, summed over pictures."""
        used = np.argsort(-met, kind="stable")[:MOST_MET]
        used = used[met[used] > 0]
        lab, weights = _bins_lab()[used], met[used]  # (C, 3), (C,)
        middles = lab[weights.argmax()][None]  # (K, 3)
        while True:
            for _ in range(N_ROUNDS):
                middles = _moved(middles, lab, weights)
            off = _squares(lab, middles).min(1)  # (C,)
            if weights[off <= ALIKE**2].sum() >= EXPLAINED * weights.sum() or len(middles) == MOST_COLOURS:
                break
            middles = np.concatenate([middles, lab[(weights * off).argmax()][None]])
        middles = middles[np.unique(_squares(lab, middles).argmin(1))]
        nearest = _squares(lab, middles).argmin(1)  # (C,)
        self.colours = np.stack([_mean(_bins_rgb()[used], weights, nearest == part) for part in range(len(middles))])
        """(K, 3) in 0..1."""
        self._part_of = _squares(_bins_lab(), middles).argmin(1).astype(np.uint8)  # (32768,)

    def parts_of(self, rgb: Bytes) -> FlatParts:
        """Find the parts of a picture (S, S, 3): soft edges belong to the side that they are more like."""
        steady, parts = steady_pixels(rgb), self._part_of[_bins(rgb)]
        every = slice(None, None, max(1, len(rgb) // N_SEEN))
        is_seen = steady[every, every]
        told, values = parts[every, every][is_seen], rgb[every, every][is_seen] / 255  # (T,), (T, 3)
        counts = np.bincount(told, minlength=len(self.colours))  # (K,)
        sums = np.stack([np.bincount(told, values[:, channel], len(counts)) for channel in range(3)], 1)
        colours = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], self.colours)
        is_rest = told != counts.argmax()
        off = ((oklab(values[is_rest]) - oklab(colours)[told[is_rest]]) ** 2).sum(1)
        explained = float((off <= SAME**2).mean()) if is_rest.any() else 1.0
        _harden(parts, rgb, hard_pixels(rgb, steady))
        return FlatParts(parts, colours.astype(np.float32), explained)


def colours_met(rgb: Bytes) -> Floats:
    """How much of each colour, told by its upper bits, is in a picture (S, S, 3), (32768,); small parts count more."""
    found = np.bincount(_bins(rgb[hard_pixels(rgb, steady_pixels(rgb))]), minlength=len(_bins_rgb()))
    return np.sqrt(found / rgb[..., 0].size)


def hard_pixels(rgb: Bytes, steady: Mask) -> Mask:
    """Which pixels of a picture (S, S, 3) are not part of a soft edge, (S, S).

    Those of an edge lie between the colours on both sides of it, in a row or in a column.
    """
    values = np.pad(rgb, ((REACH_PX, REACH_PX), (REACH_PX, REACH_PX), (0, 0)), "edge").astype(np.int16)
    rows, columns = np.nonzero(~steady)
    here = values[rows + REACH_PX, columns + REACH_PX]  # (U, 3)
    is_soft = np.zeros(len(rows), np.bool_)
    for reach, (down, right) in product(range(1, REACH_PX + 1), ((0, 1), (1, 0))):
        sides = [
            values[rows + REACH_PX + sign * reach * down, columns + REACH_PX + sign * reach * right]
            for sign in (-1, 1)
        ]  # fmt: skip
        low, high = np.minimum(*sides), np.maximum(*sides)
        is_between = ((here >= low) & (here <= high)).all(1)
        differs = [(np.abs(here - side) > STEADY).any(1) for side in sides]
        is_soft |= is_between & differs[0] & differs[1]
    hard = np.ones(rgb.shape[:2], np.bool_)
    hard[rows[is_soft], columns[is_soft]] = False
    return hard


def steady_pixels(rgb: Bytes) -> Mask:
    """Whether a pixel has the colour of its four neighbours, (S, S)."""
    values, steady = np.ascontiguousarray(rgb.transpose(2, 0, 1), np.int16), np.ones(rgb.shape[:2], np.bool_)
    down = (np.abs(values[:, 1:] - values[:, :-1]) <= STEADY).all(0)
    right = (np.abs(values[..., 1:] - values[..., :-1]) <= STEADY).all(0)
    steady[1:] &= down
    steady[:-1] &= down
    steady[:, 1:] &= right
    steady[:, :-1] &= right
    return steady


def _harden(parts: Bytes, rgb: Bytes, is_hard: Mask) -> None:
    """Give soft pixels the part of the hard one around them that has the most similar colour, where there is one."""
    rows, columns = np.nonzero(~is_hard)
    side = len(rgb)
    best, found = np.full(len(rows), np.inf), parts[rows, columns]
    here = rgb[rows, columns].astype(np.int32)  # (U, 3)
    for down, right in product(range(-REACH_PX, REACH_PX + 1), repeat=2):
        near = (rows + down).clip(0, side - 1), (columns + right).clip(0, side - 1)
        off = np.where(is_hard[near], ((rgb[near] - here) ** 2).sum(1), np.inf)
        is_better = off < best
        best[is_better], found[is_better] = off[is_better], parts[near][is_better]
    parts[rows, columns] = found


def _moved(middles: Floats, lab: Floats, weights: Floats) -> Floats:
    """Where the colours lie on average that are nearest to each of the middles, (K, 3)."""
    masks = _squares(lab, middles).argmin(1) == np.arange(len(middles))[:, None]  # (K, C)
    return np.stack(
        [_mean(lab, weights, mask) if mask.any() else old for mask, old in zip(masks, middles, strict=True)]
    )


def _mean(values: Floats, weights: Floats, chosen: Mask) -> Floats:
    return np.asarray(np.average(values[chosen], axis=0, weights=weights[chosen]))


def _squares(lab: Floats, middles: Floats) -> Floats:
    """Squared distances, (C, K)."""
    return np.asarray(((lab[:, None] - middles) ** 2).sum(-1))


def _bins(rgb: Bytes) -> NDArray[np.int64]:
    """The number of each colour (..., 3), told by its upper bits, (...)."""
    upper = (rgb >> (8 - _BITS)).astype(np.int64)
    return np.asarray(upper @ (1 << _BITS * np.arange(2, -1, -1)))


@cache
def _bins_rgb() -> Floats:
    """The colour in the middle of each number, (32768, 3) in 0..1."""
    side = ((np.arange(1 << _BITS) << (8 - _BITS)) + (1 << (7 - _BITS))) / 255
    return np.stack(np.meshgrid(side, side, side, indexing="ij"), -1).reshape(-1, 3)


@cache
def _bins_lab() -> Floats:
    return oklab(_bins_rgb())
