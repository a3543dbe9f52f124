"""Draws closed lines with few points: quadratic curves between the places that `structure` found.

Shapes: lines (n, 2) as `contour` finds them; a structure's places count their points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .contour import SPACING, Array
from .structure import LEVEL, ROUNDED, UPRIGHT, Node, straight_line, take, turn

_MITRE: Final = 2.6
_UPRIGHT: Final = 0.035
_LEVEL, _LEVEL_SHORT = 0.07, 0.16
_SHORT: Final = 6.0
_MOST_CONTROLS: Final = 6


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


def fit(
    line: Array, nodes: Sequence[Node], most_off: float = np.inf, implies: bool = False
) -> tuple[Outline, list[Node]]:
    """The outline of a line by its structure, and the structure with how many control points each curve has.

    A curve has the fewest that leave it less than so many cells off. Where the structure knows how many, it has so
    many, so that outlines of several lines fit each other.
    """
    n = len(line)
    ends = [*(node.at for node in nodes[1:]), nodes[0].at]
    spans = [(node.at, node.at + ((end - node.at) % n or n)) for node, end in zip(nodes, ends, strict=True)]
    corner_after = [*(node.is_corner for node in nodes[1:]), nodes[0].is_corner]
    sides = [_sides(line, node, *span, after) for node, span, after in zip(nodes, spans, corner_after, strict=True)]
    places = [
        _place(line, node, nodes[index - 1], sides[index - 1][1], sides[index][0]) for index, node in enumerate(nodes)
    ]
    controls = []
    for index, node in enumerate(nodes):
        to = (index + 1) % len(nodes)
        found = np.zeros((0, 2))
        if not node.is_line:
            ways = (_tangent(line, nodes, index, sides, False), _tangent(line, nodes, to, sides, True))
            found = _controls(take(line, *spans[index]), places[index], places[to], ways, node.n_controls, most_off)
        controls.append(found)
    kept = [replace(node, n_controls=len(found)) for node, found in zip(nodes, controls, strict=True)]
    if implies:
        parts = [take(line, *span) for span in spans]
        kept = [
            replace(node, is_implied=index > 0 and _is_midway(kept, controls, places, parts, index, most_off))
            for index, node in enumerate(kept)
        ]
    points: list[Array] = []
    is_on: list[bool] = []
    for node, place, found in zip(kept, places, controls, strict=True):
        points += [*([] if node.is_implied else [place]), *found]
        is_on += [*([] if node.is_implied else [True]), *[False] * len(found)]
    return Outline(np.array(points), np.array(is_on)), kept


def _is_midway(
    nodes: Sequence[Node],
    controls: Sequence[Array],
    places: Sequence[Array],
    parts: Sequence[Array],
    index: int,
    most_off: float,
) -> bool:
    """Whether both curves at a node stay near enough if it lies midway between the control points beside it."""
    node, before = nodes[index], nodes[index - 1]
    if node.is_corner or node.is_line or before.is_line:
        return False
    middle = (controls[index - 1][-1] + controls[index][0]) / 2
    after = places[(index + 1) % len(nodes)]
    drawn = ((places[index - 1], controls[index - 1], middle), (middle, controls[index], after))
    return all(_off(part, *one) < most_off for part, one in zip((parts[index - 1], parts[index]), drawn, strict=True))


def _off(points: Array, start: Array, controls: Array, end: Array) -> float:
    """How far points (m, 2) lie from a curve at most, but for the outermost ones."""
    n = len(controls)
    drawn = _weights(np.linspace(0, n, 32 * n + 1), n) @ np.concatenate([[start], controls, [end]])
    return float(np.sqrt(((points[4:-4, None] - drawn[None]) ** 2).sum(2).min(1).max(initial=0.0)))


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


def _controls(
    line: Array, start: Array, end: Array, ways: tuple[Array, Array], n_controls: int, most_off: float
) -> Array:
    """The control points (n, 2) of a curve along a stretch of line: so many, or (0) the fewest that are near enough."""
    points = line[:: max(1, len(line) // 24)]
    if n_controls:
        return _drawn_by(n_controls, points, start, end, ways)[0]
    best: tuple[float, Array] = (np.inf, np.zeros((0, 2)))
    for n in range(1, _MOST_CONTROLS + 1):
        if n > 2 and len(points) < 3 * n:
            break
        controls, off = _drawn_by(n, points, start, end, ways)
        if off < best[0]:
            best = off, controls
        if off < most_off:
            break
    return best[1]


def _drawn_by(n: int, points: Array, start: Array, end: Array, ways: tuple[Array, Array]) -> tuple[Array, float]:
    """The n control points of least squares, first and last on the tangents, and how far off points are at most."""
    chord = float(np.hypot(*(end - start)))
    most = _reach(start, end, ways, chord)
    u = np.linspace(0, n, len(points))
    fine = np.linspace(0, n, 24 * n + 1)
    drawing = _weights(fine, n)
    for _ in range(4):
        controls = _solved(_weights(u, n), points, start, end, ways, (0.08 * chord, most))
        drawn = drawing @ np.concatenate([[start], controls, [end]])
        nearest = ((points[:, None] - drawn[None]) ** 2).sum(2).argmin(1)
        ways_drawn, gap = np.gradient(drawn, fine, axis=0)[nearest], points - drawn[nearest]
        speed = np.maximum((ways_drawn**2).sum(1), 1e-9)
        u = np.clip(fine[nearest] + (gap * ways_drawn).sum(1) / speed, 0, n)
        across = (gap[:, 0] * ways_drawn[:, 1] - gap[:, 1] * ways_drawn[:, 0]) / np.sqrt(speed)
        if n == 1:
            break
    return controls, float(np.abs(across[2:-2]).max(initial=0.0))


def _solved(
    weights: Array, points: Array, start: Array, end: Array, ways: tuple[Array, Array], lengths: tuple[float, Array]
) -> Array:
    """The control points (n, 2) of least squares for `weights` (m, n + 2), handles between so long."""
    n = weights.shape[1] - 2
    if n == 1:
        return (start + lengths[1][0] * ways[0])[None]
    fixed = np.concatenate([[start, start], np.zeros((n - 2, 2)), [end, end]])
    free = np.zeros((n + 2, 2, 2 * n - 2))  # of each coordinate by the unknown numbers
    free[1, :, 0], free[-2, :, 1] = ways[0], -ways[1]
    free[np.repeat(np.arange(2, n), 2), np.tile([0, 1], n - 2), np.arange(2, 2 * n - 2)] = 1
    matrix = np.einsum("mp,pcf->mcf", weights, free).reshape(-1, 2 * n - 2)
    wanted = (points - weights @ fixed).ravel()
    found = np.linalg.solve(matrix.T @ matrix + 1e-9 * np.eye(2 * n - 2), matrix.T @ wanted)
    handles = np.clip(found[:2], lengths[0], lengths[1])
    if n > 2 and (handles != found[:2]).any():
        rest = matrix[:, 2:]
        wanted = wanted - matrix[:, :2] @ handles
        found[2:] = np.linalg.solve(rest.T @ rest + 1e-9 * np.eye(2 * n - 4), rest.T @ wanted)
    found[:2] = handles
    return np.asarray((fixed + free @ found)[1:-1])


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


def _weights(u: Array, n: int) -> Array:
    """Of start, n control points and end at u in 0..n, quadratic Béziers that join midway: (len(u), n + 2)."""
    part = np.clip(u.astype(int), 0, n - 1)
    s = u - part
    rows = np.arange(len(u))
    before, after = (1 - s) ** 2, s**2
    weights = np.zeros((len(u), n + 2))
    weights[rows, part + 1] = 1 - before - after
    for share, beside, is_end in ((before, part, part == 0), (after, part + 2, part == n - 1)):
        weights[rows, beside] += np.where(is_end, share, share / 2)
        weights[rows, part + 1] += np.where(is_end, 0, share / 2)
    return weights
