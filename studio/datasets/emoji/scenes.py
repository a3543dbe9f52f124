"""Scenes of one to three icons on a colour, with exact labels, each decided by hash(seed, number).

Shape letters: N scenes, K slots for objects (3), of which unused ones hold -1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.datasets.emoji.drawing import (
    COLOURS,
    CORNER_PX,
    N_SLOTS,
    N_WITH,
    PLACES,
    SIZES,
    box_of,
    draw_scenes,
    load_patches,
)
from studio.datasets.emoji.icons import ACCESSORIES, OBJECTS, Pixels
from studio.datasets.split import Split, split_by_share

BIG, SMALL = range(len(SIZES))
VALIDATION_SHARE, TEST_SHARE = 0.04, 0.12
ACCESSORY_SHARE: Final = 0.3
# Which sizes stand in a scene, and how often.
_CASTS: Final[dict[tuple[int, ...], float]] = {
    (BIG,): 0.34,
    (SMALL,): 0.14,
    (BIG, SMALL): 0.26,
    (SMALL, SMALL): 0.14,
    (BIG, SMALL, SMALL): 0.07,
    (SMALL, SMALL, SMALL): 0.05,
}
_BLOCK: Final = 4096
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scenes:
    """What some scenes show: numbers into OBJECTS, ACCESSORIES, SIZES, PLACES and COLOURS.

    Attributes:
        numbers: (N,) of each scene among those of its seed.
        objects, accessories, sizes, places: (N, K), -1 where there is none.
        backgrounds: (N,).
    """

    numbers: Whole
    objects: Whole
    accessories: Whole
    sizes: Whole
    places: Whole
    backgrounds: Whole

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, chosen: slice | Whole | NDArray[np.bool_]) -> "Scenes":
        columns = (self.numbers, self.objects, self.accessories, self.sizes, self.places, self.backgrounds)
        return Scenes(*(column[chosen] for column in columns))

    def draw(self) -> Pixels:
        """Pictures (N, 64, 64, 3) uint8 sRGB."""
        patches = np.where(self.objects >= 0, self.objects * N_WITH + self.accessories + 1, -1)
        return draw_scenes(patches, self.sizes, self.places, self.backgrounds)

    def labels(self) -> Whole:
        """(N, objects + accessories + 1): 1 for each that is there, and last the number of the background."""
        known = np.zeros((len(self), len(OBJECTS) + len(ACCESSORIES) + 1), np.int64)
        rows = np.arange(len(self))
        for slot in range(self.objects.shape[1]):
            there, worn = self.objects[:, slot] >= 0, self.accessories[:, slot] >= 0
            known[rows[there], self.objects[there, slot]] = 1
            known[rows[worn], len(OBJECTS) + self.accessories[worn, slot]] = 1
        known[:, -1] = self.backgrounds
        return known

    def split(self, row: int) -> Split:
        """The part of a scene by the set of its objects, the set of its accessories, and its background."""
        things = sorted(OBJECTS[index] for index in self.objects[row] if index >= 0)
        worn = sorted({ACCESSORIES[index] for index in self.accessories[row] if index >= 0})
        key = f"emoji {' '.join(things)} | {' '.join(worn)} | {list(COLOURS)[self.backgrounds[row]]}"
        return split_by_share(key, VALIDATION_SHARE, TEST_SHARE)


def load_scenes(split: Split, n_scenes: int, seed: int = 0) -> Scenes:
    """The first `n_scenes` of a seed that belong to a part of the set."""
    blocks = iter_scenes(split, seed)
    found: list[Scenes] = []
    while sum(map(len, found)) < n_scenes:
        found.append(next(blocks))
    return joined(found)[:n_scenes]


def iter_scenes(split: Split, seed: int) -> Iterator[Scenes]:
    """Without end, in blocks, the scenes of a seed that belong to a part of the set."""
    first = 0
    while True:
        scenes = compose(seed, np.arange(first, first + _BLOCK))
        yield scenes[np.array([scenes.split(row) is split for row in range(len(scenes))])]
        first += _BLOCK


def joined(parts: list[Scenes]) -> Scenes:
    """Scenes one after another."""
    names = ("numbers", "objects", "accessories", "sizes", "places", "backgrounds")
    return Scenes(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def compose(seed: int, numbers: Whole) -> Scenes:
    """The scenes of a seed with these numbers (N,), each the same whatever the others are."""

    def chance(field: int) -> NDArray[np.float64]:
        return hashed_fraction(seed, numbers, field)

    casts = np.searchsorted(np.cumsum(list(_CASTS.values()))[:-1], chance(0), side="right")
    objects = _distinct(chance(1), chance(2), chance(3))
    accessories = np.stack([_accessory(chance(4 + slot)) for slot in range(N_SLOTS)], 1)
    layouts, fallbacks = (_layouts_of(casts, chance(field), is_strict) for field, is_strict in ((7, False), (8, True)))
    is_unused = layouts[..., 0] < 0
    objects[is_unused] = accessories[is_unused] = -1
    touching = _touches(objects, accessories, layouts)
    layouts[touching] = fallbacks[touching]
    backgrounds = (chance(9) * len(COLOURS)).astype(np.int64)
    return Scenes(numbers, objects, accessories, layouts[..., 0], layouts[..., 1], backgrounds)


def hashed_fraction(seed: int, numbers: Whole, field: int) -> NDArray[np.float64]:
    """Numbers in [0, 1) that look random and depend on (seed, number, field) alone: SplitMix64 (Steele 2014)."""
    with np.errstate(over="ignore"):
        value = numbers.astype(np.uint64)
        for part in (seed, field):
            value = _mixed(value + np.uint64(0x9E3779B97F4A7C15) * np.uint64(2 * part + 1))
    return (value >> np.uint64(11)).astype(np.float64) / 2.0**53


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _distinct(*chances: NDArray[np.float64]) -> Whole:
    """(N, K) as many different objects."""
    first, second, third = ((part * (len(OBJECTS) - taken)).astype(np.int64) for taken, part in enumerate(chances))
    second += second >= first
    for taken in (np.minimum(first, second), np.maximum(first, second)):
        third += third >= taken
    return np.stack([first, second, third], 1)


def _accessory(chance: NDArray[np.float64]) -> Whole:
    worn = (chance / ACCESSORY_SHARE * len(ACCESSORIES)).astype(np.int64)
    return np.where(chance < ACCESSORY_SHARE, worn, -1)


@cache
def _layouts(cast: tuple[int, ...], is_strict: bool) -> Whole:
    """(M, K, 2) all ways to give things of these sizes places, as (size, place); -1 for slots that stay empty.

    Strict: no two boxes share a pixel; else they may share the pixels of one corner.
    """
    shared = 0 if is_strict else CORNER_PX
    ways = []
    for places in product(range(len(PLACES)), repeat=len(cast)):
        boxes = [box_of(size, place).astype(np.int64) for size, place in zip(cast, places, strict=True)]
        if all(_overlap(*pair) <= shared for pair in combinations(boxes, 2)):
            row = [*zip(cast, places, strict=True), *[(-1, -1)] * (N_SLOTS - len(cast))]
            ways.append(row)
    return np.array(ways, np.int64)


def _overlap(one: Whole, other: Whole) -> int:
    """The longer side of what two boxes (left, top, side) share, 0 for nothing."""
    low = np.maximum(one[:2], other[:2])
    high = np.minimum(one[:2] + one[2], other[:2] + other[2])
    return int((high - low).max()) if (high > low).all() else 0


def _layouts_of(casts: Whole, chance: NDArray[np.float64], is_strict: bool) -> Whole:
    """(N, K, 2) one layout for each of (N,) casts."""
    layouts = np.empty((len(casts), N_SLOTS, 2), np.int64)
    for index, cast in enumerate(_CASTS):
        chosen, ways = casts == index, _layouts(cast, is_strict)
        layouts[chosen] = ways[(chance[chosen] * len(ways)).astype(np.int64)]
    return layouts


def _touches(objects: Whole, accessories: Whole, layouts: Whole) -> NDArray[np.bool_]:
    """(N,) whether something big in the middle shares a pixel with something small in a corner."""
    corners = load_patches().corners
    patches = objects * N_WITH + accessories + 1
    is_central = (layouts[:, 0] == (BIG, PLACES.index("middle"))).all(1)
    touching = np.zeros(len(objects), np.bool_)
    for slot in range(1, N_SLOTS):
        for corner, place in enumerate((0, 2, 6, 8)):
            there = is_central & (layouts[:, slot, 1] == place)
            own = corners[patches[there, 0], BIG, corner]
            other = corners[patches[there, slot], SMALL, 3 - corner]
            touching[there] |= (own & other) != 0
    return touching
