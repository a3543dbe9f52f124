"""Finds where a closed line is to have points, as a designer sets them: corners, ends of straight stems, extremes.

Shapes: lines (n, 2) as `contour` finds them; a structure's places count their points.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from .contour import SPACING, Array

_CORNER: Final = 0.6
ROUNDED: Final = 4
"""So many points beside a corner the field has rounded it."""
_TIP: Final = 2.3
"""Ink that turns by more than this, in radians, ends a stroke, which is cut straight."""
_STRAIGHT: Final = 0.06
_LINE_OFF: Final = 0.13
_LEAST_LINE, _LEAST_FREE = 3.0, 7.0
"""What is shorter, beside a corner or between curves, is drawn as a part of a curve."""
_TIP_MOST, _TIP_OFF = 22, 0.3
"""So short a way between two corners is the end of a stroke, and cut straight."""
_STUB, _STUB_OFF = 9, 0.5
_CORNER_OFF: Final = 1.0
"""What is left between a straight part and a rounded corner belongs to the corner."""
FREE, LEVEL, UPRIGHT = range(3)


@dataclass(frozen=True)
class Node:
    """A point on the outline.

    Attributes:
        at: its place on the line.
        is_corner: whether two directions meet in it.
        tangent: FREE, or LEVEL or UPRIGHT at an extreme.
        is_line: whether what follows it is straight.
        n_controls: by how many control points the curve that follows it is drawn; 0 where that is to be found out.
        is_implied: whether it is not written, since it lies midway between two control points.
    """

    at: int
    is_corner: bool
    tangent: int
    is_line: bool
    n_controls: int = 0
    is_implied: bool = False


def structure(line: Array) -> list[Node]:
    """Where a line has corners, straight parts and extremes, in the order of its points."""
    corners = _corners(line)
    start = corners[0] if corners else int(line[:, 1].argmin())
    ends = [*corners, corners[0] + len(line)] if corners else [start, start + len(line)]
    nodes: list[Node] = []
    for first, last in pairwise(ends):
        nodes += _span(line, first, last, bool(corners))
    return [replace(node, at=node.at % len(line)) for node in nodes]


def take(line: Array, first: int, last: int) -> Array:
    """The points from `first` to `last`, both included, across the end of the closed line."""
    return line[np.arange(first, last + 1) % len(line)]


def turn(a: Array, b: Array) -> Array:
    """How far one has to turn from angles a to b, in radians from -pi to pi."""
    return np.asarray((b - a + np.pi) % (2 * np.pi) - np.pi)


def _corners(line: Array) -> list[int]:
    """Where a line turns more sharply than what lies around it goes on turning."""
    ways = np.roll(line, -3, 0) - np.roll(line, 3, 0)
    angle = np.arctan2(ways[:, 1], ways[:, 0])
    before, after = np.roll(angle, 5), np.roll(angle, -5)
    here = turn(before, after)
    earlier, later = turn(np.roll(angle, 12), np.roll(angle, 4)), turn(np.roll(angle, -4), np.roll(angle, -12))
    around = np.where(earlier * later > 0, np.minimum(np.abs(earlier), np.abs(later)), 0)
    sharp = np.abs(here) - around
    most = np.max([np.roll(sharp, shift) for shift in range(-6, 7)], axis=0)
    found: list[int] = []
    for at in np.flatnonzero((sharp == most) & (sharp > _CORNER)).tolist():
        found += _ends_of_tip(line, angle, at) if here[at] > _TIP else [at]
    return sorted(found)


def _ends_of_tip(line: Array, angle: Array, at: int) -> list[int]:
    """The two corners of a stroke's end that the field has rounded into one."""
    around = np.arange(at - 10, at + 11)
    turned = np.unwrap(angle[around % len(line)])
    turned -= turned[10]
    half = (turned[18] - turned[2]) / 4
    before, after = np.flatnonzero(turned[:11] < -half), np.flatnonzero(turned[10:] > half)
    if not len(before) or not len(after):
        return [at]
    return [int(around[before[-1]]) % len(line), int(around[10 + after[0]]) % len(line)]


def straight_line(points: Array) -> tuple[Array, Array, float]:
    """The line of least squares through points: its middle, its direction, the largest distance from it."""
    middle = points.mean(0)
    x, y = (points - middle).T
    angle = 0.5 * np.arctan2(2 * (x @ y), x @ x - y @ y)
    way = np.array([np.cos(angle), np.sin(angle)])
    if way @ (points[-1] - points[0]) < 0:
        way = -way
    away = way[0] * y - way[1] * x
    return middle, way, float(np.abs(away).max())


def _is_convex(line: Array, at: int) -> bool:
    """Whether ink ends in a corner, rather than the white between strokes."""
    before, here, after = (line[(at + shift) % len(line)] for shift in (-6, 0, 6))
    (ax, ay), (bx, by) = here - before, after - here
    return bool(ax * by - ay * bx > 0)


def _span(line: Array, first: int, last: int, has_corners: bool) -> list[Node]:
    """The nodes from a corner to the next one, without that."""
    trim = ROUNDED if has_corners else 0
    inner = (first + trim, last - trim)
    is_tip = last - first < _TIP_MOST and _is_convex(line, first) and _is_convex(line, last)
    most = _TIP_OFF if is_tip else _LINE_OFF
    if has_corners and (inner[1] - inner[0] < 4 or straight_line(take(line, *inner))[2] < most):
        return [Node(first, True, FREE, True)]
    runs = _straight_runs(line, *inner)
    nodes: list[Node] = []
    at, is_corner = first, has_corners
    for start, end in runs:
        if start - at > (2 * trim if at == first and has_corners else 3) or _is_beside(line, at, start, end):
            nodes += _curve_nodes(line, at, start, is_corner)
            nodes.append(Node(start, False, FREE, True))
        else:
            nodes.append(Node(at, is_corner, FREE, True))
        at, is_corner = end, False
    if last - at > (2 * trim if has_corners else 3) or _is_beside(line, last, *(runs[-1] if runs else (at, last))):
        nodes += _curve_nodes(line, at, last, is_corner)
    return nodes


def _is_beside(line: Array, at: int, start: int, end: int) -> bool:
    """Whether a place lies further beside a straight part than a rounded corner does."""
    middle, way, _ = straight_line(take(line, start, end))
    x, y = line[at % len(line)] - middle
    return bool(abs(way[0] * y - way[1] * x) > _CORNER_OFF)


def _straight_runs(line: Array, first: int, last: int) -> list[tuple[int, int]]:
    """The straight parts of a stretch that are at least 3 cells long."""
    half = 8
    chord = np.roll(line, -half, 0) - np.roll(line, half, 0)
    normal = np.stack([-chord[:, 1], chord[:, 0]], 1) / np.maximum(np.hypot(*chord.T), 1e-9)[:, None]
    off = [np.abs(np.sum((np.roll(line, shift, 0) - np.roll(line, half, 0)) * normal, 1)) for shift in (-4, 0, 4)]
    is_flat = np.max(off, axis=0) < _STRAIGHT
    flat = [at for at in range(first + half, last - half + 1) if is_flat[at % len(line)]]
    runs: list[tuple[int, int]] = []
    for at in flat:
        start, end = at - half + 4, at + half - 4
        if runs and start <= runs[-1][1] + 1 and straight_line(take(line, runs[-1][0], end))[2] < _LINE_OFF:
            runs[-1] = (runs[-1][0], end)
        elif not runs or start > runs[-1][1]:
            runs.append((start, end))
    longest = [_longest(line, *run, first, last) for run in runs]
    apart = [(max(start, before), end) for (_, before), (start, end) in pairwise([(first, first), *longest])]
    return [
        (start, end)
        for start, end in apart
        if (end - start) * SPACING >= (_LEAST_LINE if start == first or end == last else _LEAST_FREE)
    ]


def _longest(line: Array, start: int, end: int, first: int, last: int) -> tuple[int, int]:
    """A straight part as far as all goes on along it; up to `first` or `last` where only a rounded corner is left."""
    middle, way, _ = straight_line(take(line, start, end))
    away = np.abs((take(line, first, last) - middle) @ np.array([-way[1], way[0]]))
    reached = []
    for beside, n in ((away[: start - first][::-1], start - first), (away[end - first + 1 :], last - end)):
        off = np.flatnonzero(beside > _LINE_OFF)
        along = int(off[0]) if len(off) else n
        is_stub = n - along < _STUB and beside[along:].max(initial=0.0) < _STUB_OFF
        reached.append(n if is_stub else max(0, along - 4))
    return start - reached[0], end + reached[1]


def _curve_nodes(line: Array, first: int, last: int, is_corner: bool) -> list[Node]:
    """The nodes of a curve: its start and its extremes."""
    is_top = not is_corner and first == int(line[:, 1].argmin())
    nodes = [Node(first, is_corner, LEVEL if is_top else FREE, False)]
    points = take(line, first - 3, last + 3)
    way = points[6:] - points[:-6]
    angle = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))  # (last - first + 1,)
    cuts: dict[int, int] = {}
    for quarter in range(int(np.floor(angle.min() / (np.pi / 2))), int(np.ceil(angle.max() / (np.pi / 2))) + 1):
        above = angle > quarter * np.pi / 2
        for at in np.flatnonzero(above[1:] != above[:-1]).tolist():
            cuts[at + 1] = UPRIGHT if quarter % 2 else LEVEL
    previous = 0
    for at in sorted(cuts):
        if at - previous > 6 and len(angle) - 1 - at > 6:
            nodes.append(Node(first + at, False, cuts[at], False))
            previous = at
    return nodes
