"""Follows lines in a picture and makes strokes of a pen of them, the longest first."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .draw_stroke import SIDE, Drawing, Stroke, rounded_point

PEN_WIDTH: Final = 2.0
SHORTEST: Final = 3.0  # what is shorter, in pixels of the network, is left out
TOLERANCE: Final = 0.08  # how far a stroke may leave its line
SMOOTHING: Final = 5  # neighbours of a point whose mean it becomes, so that a line is no staircase
_STEPS: Final = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))
Mask = NDArray[np.bool_]
Place = tuple[int, int]
Points = NDArray[np.float64]


def traced(lines: Mask, width: float = PEN_WIDTH) -> Drawing:
    """Strokes along the lines (n, n) of a square picture."""
    scale = SIDE / len(lines)
    ways = [np.array(way, np.float64) for way in ways_along(thinned(lines))]
    strokes = []
    for way in ways:
        points = (smoothed(smoothed(way))[:, ::-1] + 0.5) * scale  # x, y
        if length(points) < SHORTEST:
            continue
        kept = simplified(points, TOLERANCE)
        strokes.append(Stroke("pen", tuple(rounded_point(*points[index]) for index in kept), width))
    return tuple(sorted(strokes, key=lambda stroke: -length(np.array(stroke.points))))


def length(points: Points) -> float:
    """The length of the line through points (N, 2)."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def thinned(lines: Mask) -> Mask:
    """Lines as thin as one pixel, as long and as connected as before (Zhang and Suen 1984)."""
    thin = np.pad(lines, 1)
    while True:
        n_before = int(thin.sum())
        for is_second in (False, True):
            thin[1:-1, 1:-1] &= ~_removable(thin, is_second)
        if int(thin.sum()) == n_before:
            return thin[1:-1, 1:-1]


def _removable(thin: Mask, is_second: bool) -> Mask:
    """The pixels at the edge of a line that one of the two passes takes away."""
    n, m = thin.shape
    # The eight neighbours, clockwise from the upper one.
    around = [
        thin[1 + dy : n - 1 + dy, 1 + dx : m - 1 + dx]
        for dy, dx in ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
    ]
    up, right, down, left = around[0], around[2], around[4], around[6]
    n_around = np.sum(around, axis=0)
    n_turns = np.sum([~one & other for one, other in zip(around, around[1:] + around[:1], strict=True)], axis=0)
    first = ~(up & right & down) & ~(right & down & left)
    is_edge = ~(up & right & left) & ~(up & down & left) if is_second else first
    removable: Mask = thin[1:-1, 1:-1] & (n_around >= 2) & (n_around <= 6) & (n_turns == 1) & is_edge
    return removable


def ways_along(thin: Mask) -> list[list[Place]]:
    """Ways that pass every pixel of thin lines once; free ends are begun with, and rings close."""
    left = {(int(row), int(column)) for row, column in np.argwhere(thin)}
    every = frozenset(left)
    ends = sorted(place for place in left if len(_next(place, left)) == 1)
    ways = []
    for start in [*ends, *sorted(left)]:
        if start not in left:
            continue
        left.discard(start)
        way = _walk(start, left)
        if len(way) > 1 and len(_next(way[0], left)) == 1:  # begun in the midst of a line: the other half
            way = [*reversed(_walk(way[0], left)), *way[1:]]
        ways.append(_joined(way, every))
    return ways


def _walk(start: Place, left: set[Place]) -> list[Place]:
    """Go on as straight as possible until there is nothing left to go to."""
    way, heading = [start], (0, 0)
    while near := _next(way[-1], left):
        here = way[-1]
        best = max(near, key=lambda place: _straightness(here, place, heading))
        left.discard(best)
        way.append(best)
        before = way[max(len(way) - 5, 0)]
        heading = (best[0] - before[0], best[1] - before[1])
    return way


def _next(place: Place, left: set[Place] | frozenset[Place]) -> list[Place]:
    row, column = place
    return [(row + dy, column + dx) for dy, dx in _STEPS if (row + dy, column + dx) in left]


def _straightness(here: Place, there: Place, heading: Place) -> float:
    dy, dx = there[0] - here[0], there[1] - here[1]
    norm = float(np.hypot(*heading)) or 1.0
    return (dy * heading[0] + dx * heading[1]) / norm / float(np.hypot(dy, dx)) - 0.01 * (abs(dy) + abs(dx))


def _joined(way: list[Place], every: frozenset[Place]) -> list[Place]:
    """A way with the pixel of another line, or its own beginning, that each end touches."""
    if len(way) < 2:
        return way
    near_end = [place for place in _next(way[-1], every) if place not in way[-3:]]
    if near_end:
        way = [*way, way[0] if way[0] in near_end else near_end[0]]
    near_start = [place for place in _next(way[0], every) if place not in way[:3] and place != way[-1]]
    return [near_start[0], *way] if near_start and way[-1] != way[0] else way


def smoothed(way: Points) -> Points:
    """Each point as the mean of some along the way; the ends stay, and a ring stays closed."""
    n = len(way)
    reach = SMOOTHING // 2
    if n <= SMOOTHING:
        return way
    is_ring = bool((way[0] == way[-1]).all())
    padded = np.concatenate([way[-1 - reach : -1], way, way[1 : 1 + reach]]) if is_ring else np.pad(
        way, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd"
    )  # fmt: skip
    kernel = np.ones(SMOOTHING) / SMOOTHING
    return np.stack([np.convolve(padded[:, axis], kernel, "valid") for axis in (0, 1)], 1)


def simplified(points: Points, tolerance: float) -> list[int]:
    """The indices of some points (N, 2), both ends among them, none of the others further than `tolerance` away.

    Ramer (1972), Douglas and Peucker (1973), without recursion.
    """
    kept, open_pieces = {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_pieces:
        first, last = open_pieces.pop()
        if last - first < 2:
            continue
        way = points[last] - points[first]
        squared = float(way @ way)
        offsets = points[first + 1 : last] - points[first]
        share = np.clip(offsets @ way / squared, 0, 1) if squared > 0 else np.zeros(len(offsets))
        distances = np.linalg.norm(offsets - share[:, None] * way, axis=1)
        furthest = int(distances.argmax())
        if distances[furthest] > tolerance:
            kept.add(first + 1 + furthest)
            open_pieces += [(first, first + 1 + furthest), (first + 1 + furthest, last)]
    return sorted(kept)
