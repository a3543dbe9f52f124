"""Draws closed lines with few points: quadratic curves between the places that `structure` found.

Shapes: lines (n, 2) as `contour` finds them; a structure's places count their points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .contour import SPACING, Array
from .structure import FREE, LEVEL, ROUNDED, UPRIGHT, Node, straight_line, take, turn

_MITRE: Final = 2.6
_UPRIGHT: Final = 0.035
_LEVEL, _LEVEL_SHORT = 0.07, 0.16
_SHORT: Final = 6.0


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed contour: points (n, 2) in cells and which of them lie on the curve, (n,); quadratic between them."""

    points: Array
    is_on: np.ndarray


@dataclass(frozen=True, eq=False)
class _Side:
    """How a part of an outline leaves one of its ends: a point of it and the direction, forwards."""

    point: Array
    way: Array


def fit(line: Array, nodes: Sequence[Node], most_off: float = np.inf) -> tuple[Outline, list[Node]]:
    """The outline of a line by its structure, and the structure with the nodes that a curve needed beside.

    Curves that lie further off than so many cells are halved. By itself an outline has exactly the nodes that are
    given, so that outlines of several lines fit each other.
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
        pieces = _curve(line, spans[index], places[index], places[to], tangents, most_off)
        for number, (at, start, first, second) in enumerate(pieces):
            kept.append(node if number == 0 else Node(at % n, False, FREE, False))
            points += [start, first, second]
            is_on += [True, False, False]
    return Outline(np.array(points), np.array(is_on)), kept


def _sides(line: Array, node: Node, first: int, last: int, ends_in_corner: bool) -> tuple[_Side, _Side]:
    """How the part behind a node leaves it, and how it reaches the next one."""
    start = first + (ROUNDED if node.is_corner else 0)
    end = last - (ROUNDED if ends_in_corner else 0)
    if end - start < 3:
        start, end = first + (last - first) // 4, last - (last - first) // 4
    if node.is_line or end - start < 6:
        middle, way, _ = straight_line(take(line, start, max(end, start + 1)))
        side = _Side(middle, _upright(way, (end - start) * SPACING) if node.is_line else way)
        return side, side
    reach = min(6, (end - start) // 2)
    leaving, reaching = take(line, start, start + reach), take(line, end - reach, end)
    return (
        _Side(leaving[0], _bent(leaving, straight_line(leaving)[1], -1)),
        _Side(reaching[-1], _bent(reaching, straight_line(reaching)[1], 1)),
    )


def _bent(points: Array, way: Array, end: int) -> Array:
    """The direction at the first (-1) or last (1) of a few points on an arc, from that of the chord."""
    middle = len(points) // 2
    a, b = points[middle] - points[0], points[-1] - points[middle]
    turned = float(turn(np.arctan2(a[1], a[0]), np.arctan2(b[1], b[0])))
    cosine, sine = np.cos(end * turned), np.sin(end * turned)
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
    around = take(line, node.at - 5, node.at + 5)
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
    line: Array,
    span: tuple[int, int],
    start: Array,
    end: Array,
    tangents: tuple[Array, Array],
    most_off: float,
    depth: int = 2,
) -> list[tuple[int, Array, Array, Array]]:
    """Pieces (place, start, control, control), two quadratic Béziers each, that follow the line; halved where not."""
    points = take(line, *span)[:: max(1, (span[1] - span[0]) // 20)]
    first, second, off = _two_quadratics(points, start, end, tangents)
    if off < most_off or depth == 0 or span[1] - span[0] < 24:
        return [(span[0], start, first, second)]
    middle = _half_turn(line, span)
    reach = min(10, (span[1] - span[0]) // 4)
    way = line[(middle + reach) % len(line)] - line[(middle - reach) % len(line)]
    way = way / max(float(np.hypot(*way)), 1e-9)
    here = line[middle % len(line)]
    return _curve(line, (span[0], middle), start, here, (tangents[0], way), most_off, depth - 1) + _curve(
        line, (middle, span[1]), here, end, (way, tangents[1]), most_off, depth - 1
    )


def _half_turn(line: Array, span: tuple[int, int]) -> int:
    """The place between the ends of a curve, not near them, at which it has turned by half."""
    ways = take(line, span[0] + 2, span[1] + 2) - take(line, span[0] - 2, span[1] - 2)
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
