"""What the generator of the playground has to imitate: points of a known shape, or those that a brush painted.

Points (N, 2) lie in a square from -EXTENT to EXTENT, x to the right and y upwards.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.core.translation import N_

from ..params import unfit
from .network import Floats

EXTENT: Final = 3.0
SPREAD: Final = 0.12
"""Standard deviation of the points around their place."""
OWN: Final = "own"
TITLES: Final = {
    "ring": N_("Ring"),
    "grid": N_("Grid"),
    "moons": N_("Two moons"),
    "spiral": N_("Spiral"),
    OWN: N_("My own"),
}
PRESETS: Final = tuple(name for name in TITLES if name != OWN)
MAX_PAINTED: Final = 2000
_N_RING: Final = 8
_RING_RADIUS: Final = 2.0
_GRID_SIDE: Final = 5
_N_ARM: Final = 8  # parts of the spiral that count one by one
Place = tuple[float, float]
DENSITY = 5
"""Points of a dab; along a stroke as many for each half radius of the way."""


def ring_places() -> Floats:
    """The middles of the heaps on the ring, (8, 2)."""
    angles = np.arange(_N_RING) * (2 * math.pi / _N_RING)
    return (_RING_RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(np.float32)


def grid_places() -> Floats:
    """The middles of the heaps of the grid, (25, 2)."""
    along = np.linspace(-2.0, 2.0, _GRID_SIDE)
    x, y = np.meshgrid(along, along)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def moon_places(share: Floats, moon: Floats) -> Floats:
    """Points (N, 2) along two moons that reach into each other: share 0..1 of the way along, moon 0 or 1."""
    angle = math.pi * share
    is_upper = moon < 0.5
    x = np.where(is_upper, np.cos(angle), 1 - np.cos(angle)) - 0.5
    y = np.where(is_upper, np.sin(angle), 0.5 - np.sin(angle)) - 0.25
    return (1.55 * np.stack([x, y], axis=1)).astype(np.float32)


def spiral_places(share: Floats) -> Floats:
    """Points (N, 2) along a spiral of one and a half turns: share 0 (inside) .. 1."""
    angle, radius = 3 * math.pi * share, 0.35 + 2.0 * share
    return (radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(np.float32)


def _sample_heaps(places: Floats, n: int, rng: np.random.Generator) -> Floats:
    return places[rng.integers(0, len(places), n)]


def _sample_moons(n: int, rng: np.random.Generator) -> Floats:
    return moon_places(rng.random(n, np.float32), rng.integers(0, 2, n).astype(np.float32))


def _sample_spiral(n: int, rng: np.random.Generator) -> Floats:
    return spiral_places(np.sqrt(rng.random(n, np.float32)))  # the outer turns are longer


_SAMPLERS: Final[dict[str, Callable[[int, np.random.Generator], Floats]]] = {
    "ring": lambda n, rng: _sample_heaps(ring_places(), n, rng),
    "grid": lambda n, rng: _sample_heaps(grid_places(), n, rng),
    "moons": _sample_moons,
    "spiral": _sample_spiral,
}


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of a target that count one by one.

    Attributes:
        anchors: points on the parts, (K, 2); `owners` (K,) says to which part each belongs, 0 .. n - 1.
        radius: so near to an anchor a point counts as one of its part.
    """

    anchors: Floats
    owners: np.ndarray
    radius: float

    @property
    def n(self) -> int:
        """How many parts there are."""
        return int(self.owners.max()) + 1 if len(self.owners) else 0


@dataclass(frozen=True, eq=False)
class Target:
    """One of the presets, or points that a person painted, (N, 2), which count only under the name "own"."""

    name: str = "ring"
    painted: Floats | None = None

    def __post_init__(self) -> None:
        if self.name not in TITLES:
            raise unfit()
        if self.painted is not None:
            check_painted(self.painted)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to imitate: nothing is painted yet."""
        return self.name == OWN and (self.painted is None or not len(self.painted))

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Real points (n, 2), drawn anew; of a target without any, none (0, 2)."""
        if self.is_empty:
            return np.zeros((0, 2), np.float32)
        if self.name == OWN and self.painted is not None:
            middle = self.painted[rng.integers(0, len(self.painted), n)]
        else:
            middle = _SAMPLERS[self.name](n, rng)
        scatter = rng.standard_normal((n, 2), dtype=np.float32)
        return middle + np.float32(SPREAD if self.name != OWN else SPREAD / 2) * scatter

    def parts(self) -> Parts:
        """What a generator should not leave out."""
        if self.name == OWN:
            return _painted_parts(self.painted)
        anchors, owners = _PARTS[self.name]()
        return Parts(anchors, owners, 3 * SPREAD)


def check_painted(painted: Floats) -> None:
    """Raise UserError where painted points are too many, outside of the square, or none at all."""
    is_sound = painted.ndim == 2 and painted.shape[1] == 2 and len(painted) <= MAX_PAINTED
    if not is_sound or not (np.abs(painted) <= EXTENT).all():
        raise unfit()


def _heap_parts(places: Floats) -> tuple[Floats, np.ndarray]:
    return places, np.arange(len(places))


def _moon_parts() -> tuple[Floats, np.ndarray]:
    share = np.tile(np.linspace(0, 1, 24, dtype=np.float32), 2)
    moon = np.repeat(np.arange(2), 24)
    return moon_places(share, moon.astype(np.float32)), moon


def _spiral_parts() -> tuple[Floats, np.ndarray]:
    share = np.sqrt((np.arange(10 * _N_ARM, dtype=np.float32) + 0.5) / (10 * _N_ARM))
    return spiral_places(share), np.repeat(np.arange(_N_ARM), 10)


_PARTS: Final = {
    "ring": lambda: _heap_parts(ring_places()),
    "grid": lambda: _heap_parts(grid_places()),
    "moons": _moon_parts,
    "spiral": _spiral_parts,
}


def _painted_parts(painted: Floats | None) -> Parts:
    """Islands of painted points: those that a chain of near neighbours joins."""
    if painted is None or not len(painted):
        return Parts(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), SPREAD)
    cells = np.unique(np.floor((painted + EXTENT) / _CELL).astype(np.int64), axis=0)  # (K, 2)
    owners = _islands({(int(x), int(y)): place for place, (x, y) in enumerate(cells)})
    return Parts(((cells + 0.5) * _CELL - EXTENT).astype(np.float32), owners, _CELL)


_CELL: Final = 0.3


def _islands(cells: dict[tuple[int, int], int]) -> np.ndarray:
    """The number of the island of each cell, where cells that touch, corners included, are one."""
    owners = np.full(len(cells), -1)
    n = 0
    for start in cells:
        if owners[cells[start]] >= 0:
            continue
        waiting = [start]
        while waiting:
            x, y = waiting.pop()
            place = cells.get((x, y))
            if place is None or owners[place] >= 0:
                continue
            owners[place] = n
            waiting += [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        n += 1
    return owners


def dabbed(painted: Floats, start: Place, end: Place, radius: float, rng: np.random.Generator) -> Floats:
    """The points (N, 2) with new ones around the way from start to end; beyond the bound none are added."""
    length = math.dist(start, end)
    n = min(DENSITY * max(1, round(2 * length / radius)), MAX_PAINTED - len(painted))
    if n <= 0:
        return painted
    share, angle, away = rng.random((3, n))
    middle = np.array(start) + share[:, None] * (np.array(end) - np.array(start))
    scatter = radius * np.sqrt(away)[:, None] * np.stack([np.cos(2 * math.pi * angle), np.sin(2 * math.pi * angle)], 1)
    added = np.clip(middle + scatter, -EXTENT, EXTENT).astype(np.float32)
    return np.concatenate([painted, added])


def erased(painted: Floats, start: Place, end: Place, radius: float) -> Floats:
    """The points (N, 2) without those that lie within the radius of the way from start to end."""
    origin, way = np.array(start, np.float32), np.array(end, np.float32) - np.array(start, np.float32)
    length = float(way @ way)
    share = np.clip((painted - origin) @ way / length, 0, 1) if length > 0 else np.zeros(len(painted), np.float32)
    distance = np.linalg.norm(painted - origin - share[:, None] * way, axis=1)
    return np.ascontiguousarray(painted[distance > radius])
