"""Sets letters apart by their shapes: side bearings, and kerning of groups of letters with like sides.

Shapes: G glyphs, R = 64 rows of cells; all distances are in cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...shared.ink import CELL_PX
from .contour import Array

_SHARE_OF_COUNTER: Final = 0.32
_LEAST, _MOST = 0.9, 6.0
_WHITE: Final = 0.8
"""How much of the white beside a letter counts as distance."""
_DEPTH: Final = 10.0
_FLOOR: Final = 0.35
_TIGHTEST, _WIDEST = -5.5, 1.5
_NEAREST: Final = 0.75
_STRENGTH: Final = 0.8
_ALIKE: Final = 0.45
_NOTICED: Final = 0.4
_BESIDE: Final = 3
_BASELINE: Final = 44


@dataclass(frozen=True, eq=False)
class Sides:
    """The edges of a glyph's ink in each row, (64,) each; NaN where there is none."""

    left: Array
    right: Array

    @property
    def box(self) -> tuple[float, float]:
        """The outermost columns of ink."""
        return float(np.nanmin(self.left)), float(np.nanmax(self.right))


def sides_of(lines: Sequence[Array]) -> Sides:
    """The edges of what closed lines (n, 2) enclose."""
    points = np.concatenate(lines)
    rows = np.clip(points[:, 1].astype(int), 0, CELL_PX - 1)
    left, right = np.full(CELL_PX, np.inf), np.full(CELL_PX, -np.inf)
    np.minimum.at(left, rows, points[:, 0])
    np.maximum.at(right, rows, points[:, 0])
    return Sides(np.where(np.isinf(left), np.nan, left), np.where(np.isinf(right), np.nan, right))


def rhythm(n_field: np.ndarray, x_row: float) -> float:
    """How far from a straight stem its letter should end, from the counter of an “n” (64, 64)."""
    row = n_field[round((x_row + _BASELINE) / 2)] > 0
    ink = np.flatnonzero(row)
    counter = float((~row[ink[0] : ink[-1]]).sum()) if len(ink) else 0.0
    return float(np.clip(_SHARE_OF_COUNTER * counter, _LEAST, _MOST))


def _white(edge: Array, end: float) -> Array:
    """How deep the white reaches behind the outermost ink, (64,); as deep as can be where there is no ink."""
    return np.where(np.isnan(edge), _DEPTH, np.minimum(np.abs(edge - end), _DEPTH))


def bearings(sides: Sides, step: float, zone: tuple[float, float]) -> tuple[float, float]:
    """The left and right bearing of a glyph whose rows count from `zone`'s first to its last."""
    rows = np.arange(round(zone[0]), round(zone[1]))
    is_ink = ~np.isnan(sides.left[rows])
    rows = rows[is_ink] if is_ink.any() else np.flatnonzero(~np.isnan(sides.left))
    left, right = (
        max(step - _WHITE * float(_white(edge, end)[rows].mean()), _FLOOR * step)
        for edge, end in zip((sides.left, sides.right), sides.box, strict=True)
    )
    return left, right


@dataclass(frozen=True, eq=False)
class Group:
    """Glyphs whose one side looks alike: their names, the white on it (64,), its mean bearing, their first row."""

    names: tuple[str, ...]
    white: Array
    bearing: float
    top: int


def groups(sides: Mapping[str, Sides], bearing: Mapping[str, tuple[float, float]], side: int) -> list[Group]:
    """Glyphs gathered by their left (0) or right (1) side, each with the first one that it resembles."""
    found: list[list[str]] = []
    whites = {name: _white(one.right if side else one.left, one.box[side]) for name, one in sides.items()}
    for name, white in whites.items():
        for names in found:
            if np.abs(whites[names[0]] - white).mean() < _ALIKE:
                names.append(name)
                break
        else:
            found.append([name])
    return [group_of(names, sides, bearing, side) for names in found]


def group_of(
    names: Sequence[str], sides: Mapping[str, Sides], bearing: Mapping[str, tuple[float, float]], side: int
) -> Group:
    """The group of these glyphs."""
    whites = [_white(sides[name].right if side else sides[name].left, sides[name].box[side]) for name in names]
    top = min(int(np.flatnonzero(~np.isnan(sides[name].left))[0]) for name in names)
    return Group(tuple(names), np.mean(whites, axis=0), float(np.mean([bearing[name][side] for name in names])), top)


def kerning(lefts: Sequence[Group], rights: Sequence[Group], step: float, zone: tuple[float, float]) -> Array:
    """How far each right group moves towards each left one, (L, R) in cells, so that all gaps look alike.

    `lefts` are groups by their right sides, `rights` by their left sides; nothing comes nearer than stems do by 3/4.
    """
    rows = np.arange(round(zone[0]), round(zone[1]))
    a = np.stack([group.white for group in lefts])[:, None]  # (L, 1, 64)
    b = np.stack([group.white for group in rights])[None]  # (1, R, 64)
    apart = np.array([group.bearing for group in lefts])[:, None] + np.array([group.bearing for group in rights])
    tops = np.maximum(np.array([group.top for group in lefts])[:, None], np.array([group.top for group in rights]))
    counts = rows >= np.minimum(tops, rows[-1])[:, :, None]  # where both have ink: (L, R, rows)
    seen = (np.minimum(a + b, _DEPTH)[:, :, rows] * counts).sum(2) / counts.sum(2)
    wanted = _STRENGTH * (2 * step - apart - _WHITE * seen)
    nearest = np.min([(np.roll(a, shift, 2) + b).min(2) for shift in range(-_BESIDE, _BESIDE + 1)], axis=0) + apart
    kern = np.maximum(np.clip(wanted, _TIGHTEST, _WIDEST), np.minimum(_NEAREST * 2 * step - nearest, 0))
    return np.where(np.abs(kern) < _NOTICED, 0, kern)
