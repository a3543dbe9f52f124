"""Draws closed lines with few points, as a designer sets them: straight stems, sharp corners, extremes on the curve.

Shapes: lines (n, 2) as `contour` finds them; a structure's places count their points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from .contour import SPACING, Array

_CORNER: Final = 0.6
_ROUNDED: Final = 4
"""So many points beside a corner the field has rounded it."""
_MITRE: Final = 2.6
_TIP: Final = 2.3
"""Ink that turns by more than this, in radians, ends a stroke, which is cut straight."""
_STRAIGHT: Final = 0.06
_LINE_OFF: Final = 0.13
_LEAST_LINE, _LEAST_FREE = 3.0, 7.0
"""What is shorter, beside a corner or between curves, is drawn as a part of a curve."""
_CURVE_OFF: Final = 0.13
_UPRIGHT: Final = 0.035
_TIP_MOST, _TIP_OFF = 22, 0.3
"""So short a way between two corners is the end of a stroke, and cut straight."""
_LEVEL, _LEVEL_SHORT = 0.07, 0.16
_SHORT: Final = 6.0
_STUB, _STUB_OFF = 9, 0.5
"""What is left between a straight part and a rounded corner belongs to the corner."""
_TURNED: Final = 0.12
FREE, LEVEL, UPRIGHT = range(3)


@dataclass(frozen=True)
class Node:
    """A point on the outline.

    Attributes:
        at: its place on the line.
        is_corner: whether two directions meet in it.
        tangent: FREE, or LEVEL or UPRIGHT at an extreme.
        is_line: whether what follows it is straight.
    """

    at: int
    is_corner: bool
    tangent: int
    is_line: bool


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed contour: points (n, 2) in cells and which of them lie on the curve, (n,); quadratic between them."""

    points: Array
    is_on: np.ndarray


def structure(line: Array) -> list[Node]:
    """Where a line has corners, straight parts and extremes, in the order of its points."""
    corners = _corners(line)
    start = corners[0] if corners else int(line[:, 1].argmin())
    ends = [*corners, corners[0] + len(line)] if corners else [start, start + len(line)]
    nodes: list[Node] = []
    for first, last in pairwise(ends):
        nodes += _span(line, first, last, bool(corners))
    return [Node(node.at % len(line), node.is_corner, node.tangent, node.is_line) for node in nodes]


def _take(line: Array, first: int, last: int) -> Array:
    """The points from `first` to `last`, both included, across the end of the closed line."""
    return line[np.arange(first, last + 1) % len(line)]


def _angles(line: Array, reach: int) -> Array:
    """The direction at each point, unwrapped along the line, in radians."""
    ways = np.roll(line, -reach, 0) - np.roll(line, reach, 0)
    return np.unwrap(np.arctan2(ways[:, 1], ways[:, 0]))


def _turn(a: Array, b: Array) -> Array:
    return np.asarray((b - a + np.pi) % (2 * np.pi) - np.pi)


def _corners(line: Array) -> list[int]:
    """Where a line turns more sharply than what lies around it goes on turning."""
    ways = np.roll(line, -3, 0) - np.roll(line, 3, 0)
    angle = np.arctan2(ways[:, 1], ways[:, 0])
    before, after = np.roll(angle, 5), np.roll(angle, -5)
    here = _turn(before, after)
    earlier, later = _turn(np.roll(angle, 12), np.roll(angle, 4)), _turn(np.roll(angle, -4), np.roll(angle, -12))
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


def _straight_line(points: Array) -> tuple[Array, Array, float]:
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
    trim = _ROUNDED if has_corners else 0
    inner = (first + trim, last - trim)
    is_tip = last - first < _TIP_MOST and _is_convex(line, first) and _is_convex(line, last)
    most = _TIP_OFF if is_tip else _LINE_OFF
    if has_corners and (inner[1] - inner[0] < 4 or _straight_line(_take(line, *inner))[2] < most):
        return [Node(first, True, FREE, True)]
    runs = _straight_runs(line, *inner)
    nodes: list[Node] = []
    at, is_corner = first, has_corners
    for start, end in runs:
        if start - at > (2 * trim if at == first and has_corners else 3):
            nodes += _curve_nodes(line, at, start, is_corner)
            nodes.append(Node(start, False, FREE, True))
        else:
            nodes.append(Node(at, is_corner, FREE, True))
        at, is_corner = end, False
    if last - at > (2 * trim if has_corners else 3):
        nodes += _curve_nodes(line, at, last, is_corner)
    return nodes


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
        if runs and start <= runs[-1][1] + 1 and _straight_line(_take(line, runs[-1][0], end))[2] < _LINE_OFF:
            runs[-1] = (runs[-1][0], end)
        elif not runs or start > runs[-1][1]:
            runs.append((start, end))
    longest = [_longest(line, *run, first, last) for run in runs]
    return [
        (start, end)
        for start, end in longest
        if (end - start) * SPACING >= (_LEAST_LINE if start == first or end == last else _LEAST_FREE)
    ]


def _longest(line: Array, start: int, end: int, first: int, last: int) -> tuple[int, int]:
    """A straight part as far as all goes on along it; up to `first` or `last` where only a rounded corner is left."""
    middle, way, _ = _straight_line(_take(line, start, end))
    away = np.abs((_take(line, first, last) - middle) @ np.array([-way[1], way[0]]))
    reached = []
    for beside, n in ((away[: start - first][::-1], start - first), (away[end - first + 1 :], last - end)):
        off = np.flatnonzero(beside > _LINE_OFF)
        along = int(off[0]) if len(off) else n
        is_stub = n - along < _STUB and beside[along:].max(initial=0.0) < _STUB_OFF
        reached.append(n if is_stub else max(0, along - 4))
    return start - reached[0], end + reached[1]


def _curve_nodes(line: Array, first: int, last: int, is_corner: bool) -> list[Node]:
    """The nodes of a curve: its start, its extremes, and where it begins to turn the other way."""
    is_top = not is_corner and first == int(line[:, 1].argmin())
    nodes = [Node(first, is_corner, LEVEL if is_top else FREE, False)]
    points = _take(line, first - 3, last + 3)
    way = points[6:] - points[:-6]
    angle = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))  # (last - first + 1,)
    cuts: dict[int, int] = {}
    for quarter in range(int(np.floor(angle.min() / (np.pi / 2))), int(np.ceil(angle.max() / (np.pi / 2))) + 1):
        above = angle > quarter * np.pi / 2
        for at in np.flatnonzero(above[1:] != above[:-1]).tolist():
            cuts[at + 1] = UPRIGHT if quarter % 2 else LEVEL
    for at in _inflections(angle):
        if all(abs(at - other) > 5 for other in cuts):
            cuts[at] = FREE
    previous = 0
    for at in sorted(cuts):
        if at - previous > 6 and len(angle) - 1 - at > 6:
            nodes.append(Node(first + at, False, cuts[at], False))
            previous = at
    return nodes


def _inflections(angle: Array) -> list[int]:
    """Where a direction stops rising and falls again, or the other way round, by more than a wobble."""
    found: list[int] = []
    extreme, way = 0, 0
    for at in range(1, len(angle)):
        moved = angle[at] - angle[extreme]
        if way == 0 and abs(moved) > _TURNED:
            way = 1 if moved > 0 else -1
        if way * moved > 0:
            extreme = at
        elif way and abs(moved) > _TURNED:
            found.append(extreme)
            extreme, way = at, -way
    return found


@dataclass(frozen=True, eq=False)
class _Side:
    """How a part of an outline leaves one of its ends: a point of it and the direction, forwards."""

    point: Array
    way: Array


def fit(line: Array, nodes: Sequence[Node], splits: bool = True) -> tuple[Outline, list[Node]]:
    """The outline of a line by its structure, and the structure with the nodes that a curve needed beside.

    Without `splits` it has exactly the nodes that are given, so that outlines of several lines fit each other.
    """
    n = len(line)
    ends = [*(node.at for node in nodes[1:]), nodes[0].at]
    spans = [(node.at, node.at + ((end - node.at) % n or n)) for node, end in zip(nodes, ends, strict=True)]
    corner_after = [*(node.is_corner for node in nodes[1:]), nodes[0].is_corner]
    sides = [_sides(line, node, *span, after) for node, span, after in zip(nodes, spans, corner_after, strict=True)]
    places = [
        _place(line, node, nodes[index - 1], sides[index - 1][1], sides[index][0]) for index, node in enumerate(nodes)
    ]
    points: list[Array] = []
    kept: list[Node] = []
    is_on: list[bool] = []
    for index, node in enumerate(nodes):
        to = (index + 1) % len(nodes)
        tangents = (_tangent(line, nodes, index, sides, False), _tangent(line, nodes, to, sides, True))
        if node.is_line:
            points.append(places[index])
            is_on.append(True)
            kept.append(node)
            continue
        pieces = _curve(line, spans[index], places[index], places[to], tangents, 2 if splits else 0)
        for number, (at, start, first, second) in enumerate(pieces):
            kept.append(node if number == 0 else Node(at % n, False, FREE, False))
            points += [start, first, second]
            is_on += [True, False, False]
    return Outline(np.array(points), np.array(is_on)), kept


def _sides(line: Array, node: Node, first: int, last: int, ends_in_corner: bool) -> tuple[_Side, _Side]:
    """How the part behind a node leaves it, and how it reaches the next one."""
    start = first + (_ROUNDED if node.is_corner else 0)
    end = last - (_ROUNDED if ends_in_corner else 0)
    if end - start < 3:
        start, end = first + (last - first) // 4, last - (last - first) // 4
    if node.is_line or end - start < 6:
        middle, way, _ = _straight_line(_take(line, start, max(end, start + 1)))
        side = _Side(middle, _upright(way, (end - start) * SPACING) if node.is_line else way)
        return side, side
    reach = min(6, (end - start) // 2)
    leaving, reaching = _take(line, start, start + reach), _take(line, end - reach, end)
    return (
        _Side(leaving[0], _bent(leaving, _straight_line(leaving)[1], -1)),
        _Side(reaching[-1], _bent(reaching, _straight_line(reaching)[1], 1)),
    )


def _bent(points: Array, way: Array, end: int) -> Array:
    """The direction at the first (-1) or last (1) of a few points on an arc, from that of the chord."""
    middle = len(points) // 2
    a, b = points[middle] - points[0], points[-1] - points[middle]
    turn = float(_turn(np.arctan2(a[1], a[0]), np.arctan2(b[1], b[0])))
    cosine, sine = np.cos(end * turn), np.sin(end * turn)
    return np.array([cosine * way[0] - sine * way[1], sine * way[0] + cosine * way[1]])


def _upright(way: Array, length: float) -> Array:
    """A direction made exactly level or upright where it nearly is."""
    if abs(way[1]) < (_LEVEL_SHORT if length < _SHORT else _LEVEL):
        return np.array([np.sign(way[0]), 0.0])
    return np.array([0.0, np.sign(way[1])]) if abs(way[0]) < _UPRIGHT else way


def _place(line: Array, node: Node, before: Node, reaching: _Side, leaving: _Side) -> Array:
    """Where a node lies: a corner where both sides meet, a smooth one on the line."""
    here = line[node.at % len(line)]
    if node.is_corner or (before.is_line and node.is_line):
        cross = reaching.way[0] * leaving.way[1] - reaching.way[1] * leaving.way[0]
        if abs(cross) > 0.2:
            gap = leaving.point - reaching.point
            met = reaching.point + reaching.way * (gap[0] * leaving.way[1] - gap[1] * leaving.way[0]) / cross
            away = met - here
            return np.asarray(here + away * min(1.0, _MITRE / max(float(np.hypot(*away)), 1e-9)))
        return here
    if node.tangent:
        here = _extreme(line, node)
    for side, is_line in ((reaching, before.is_line), (leaving, node.is_line)):
        if is_line:
            return np.asarray(side.point + side.way * ((here - side.point) @ side.way))
    return here


def _extreme(line: Array, node: Node) -> Array:
    """The end of a parabola through the points around an extreme."""
    around = _take(line, node.at - 5, node.at + 5)
    along, across = (0, 1) if node.tangent == LEVEL else (1, 0)
    a, b, c = np.polyfit(around[:, along] - around[5, along], around[:, across], 2)
    shift = float(np.clip(-b / (2 * a), -1.0, 1.0)) if abs(a) > 1e-4 else 0.0
    found = np.empty(2)
    found[along], found[across] = around[5, along] + shift, c + b * shift + a * shift * shift
    return found


def _tangent(line: Array, nodes: Sequence[Node], index: int, sides: list[tuple[_Side, _Side]], arrives: bool) -> Array:
    """The direction of the curve that leaves a node, or of the one that arrives at it."""
    node, before = nodes[index], nodes[index - 1]
    if node.is_corner:
        return sides[index - 1][1].way if arrives else sides[index][0].way
    if before.is_line:
        return sides[index - 1][1].way
    if node.is_line:
        return sides[index][0].way
    way = line[(node.at + 6) % len(line)] - line[(node.at - 6) % len(line)]
    if node.tangent:
        way = way * np.array([node.tangent == LEVEL, node.tangent == UPRIGHT])
    return np.asarray(way / max(float(np.hypot(*way)), 1e-9))


def _curve(
    line: Array, span: tuple[int, int], start: Array, end: Array, tangents: tuple[Array, Array], depth: int
) -> list[tuple[int, Array, Array, Array]]:
    """Pieces (place, start, control, control), two quadratic Béziers each, that follow the line; halved where not."""
    points = _take(line, *span)[:: max(1, (span[1] - span[0]) // 20)]
    first, second, off = _two_quadratics(points, start, end, tangents)
    if off < _CURVE_OFF or depth == 0 or span[1] - span[0] < 24:
        return [(span[0], start, first, second)]
    middle = _half_turn(line, span)
    reach = min(10, (span[1] - span[0]) // 4)
    way = line[(middle + reach) % len(line)] - line[(middle - reach) % len(line)]
    way = way / max(float(np.hypot(*way)), 1e-9)
    here = line[middle % len(line)]
    return _curve(line, (span[0], middle), start, here, (tangents[0], way), depth - 1) + _curve(
        line, (middle, span[1]), here, end, (way, tangents[1]), depth - 1
    )


def _half_turn(line: Array, span: tuple[int, int]) -> int:
    """The place between the ends of a curve, not near them, at which it has turned by half."""
    ways = _take(line, span[0] + 2, span[1] + 2) - _take(line, span[0] - 2, span[1] - 2)
    turned = np.unwrap(np.arctan2(ways[:, 1], ways[:, 0]))
    turned = np.abs(turned - turned[0])
    quarter = (span[1] - span[0]) // 4
    half = int(np.abs(turned - turned[-1] / 2).argmin())
    return span[0] + min(max(half, quarter), len(turned) - 1 - quarter)


def _two_quadratics(points: Array, start: Array, end: Array, ways: tuple[Array, Array]) -> tuple[Array, Array, float]:
    """The two control points of least squares along both tangents, and the largest distance from the points."""
    chord = float(np.hypot(*(end - start)))
    most = _reach(start, end, ways, chord)
    u = np.linspace(0, 1, len(points))
    lengths = np.array([0.4, 0.4]) * chord
    off = np.inf
    fine = np.linspace(0, 1, 49)
    for _ in range(4):
        w = _weights(u)
        known = w[:, :2].sum(1)[:, None] * start + w[:, 2:].sum(1)[:, None] * end
        a, b = w[:, 1:2] * ways[0], -w[:, 2:3] * ways[1]
        matrix = np.stack([a.ravel(), b.ravel()], 1)
        square = matrix.T @ matrix + 1e-9 * np.eye(2)
        lengths = np.linalg.solve(square, matrix.T @ (points - known).ravel())
        lengths = np.clip(lengths, 0.08 * chord, most)
        controls = np.stack([start, start + lengths[0] * ways[0], end - lengths[1] * ways[1], end])
        drawn = _weights(fine) @ controls
        nearest = ((points[:, None] - drawn[None]) ** 2).sum(2).argmin(1)
        ways_drawn, gap = np.gradient(drawn, fine, axis=0)[nearest], points - drawn[nearest]
        speed = np.maximum((ways_drawn**2).sum(1), 1e-9)
        u = np.clip(fine[nearest] + (gap * ways_drawn).sum(1) / speed, 0, 1)
        across = (gap[:, 0] * ways_drawn[:, 1] - gap[:, 1] * ways_drawn[:, 0]) / np.sqrt(speed)
        off = float(np.abs(across[2:-2]).max(initial=0.0))
    return controls[1], controls[2], off


def _reach(start: Array, end: Array, ways: tuple[Array, Array], chord: float) -> Array:
    """How long both handles may be: to where the tangents meet, so that nothing loops."""
    cross = ways[0][0] * ways[1][1] - ways[0][1] * ways[1][0]
    gap = end - start
    if abs(cross) > 0.05:
        one = (gap[0] * ways[1][1] - gap[1] * ways[1][0]) / cross
        two = (gap[0] * ways[0][1] - gap[1] * ways[0][0]) / -cross
        if one > 0 and two < 0:
            return np.array([one, -two]).clip(0.1 * chord, 2 * chord)
    return np.array([chord, chord]) * 0.8


def _weights(u: Array) -> Array:
    """Of start, both controls and end in two quadratic Béziers that join midway, (n, 4)."""
    s = np.clip(np.where(u < 0.5, 2 * u, 2 * u - 1), 0, 1)[:, None]
    early = np.concatenate([(1 - s) ** 2, 2 * s * (1 - s) + s**2 / 2, s**2 / 2, 0 * s], 1)
    late = np.concatenate([0 * s, (1 - s) ** 2 / 2, (1 - s) ** 2 / 2 + 2 * s * (1 - s), s**2], 1)
    return np.where(u[:, None] < 0.5, early, late)
