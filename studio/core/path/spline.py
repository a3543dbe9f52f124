"""Smooth curves through places: centripetal Catmull–Rom splines, on lines and on spheres.

Shapes: N places, T times at once, R rows that are unit vectors each, D numbers of a place or of a row.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from studio.core.path.position import Array, Float64Array, Position, Rule, nearest_sign, unit_rows

ALPHA = 0.5
SHORTEST = 1e-3
MIN_LENGTH = 1e-6
Window: TypeAlias = tuple[Float64Array | None, Float64Array, Float64Array, Float64Array | None]
"""The points before, at the start, at the end and after a segment; None beyond the ends of an open path."""
Gaps: TypeAlias = tuple[float, float, float]
"""The knot intervals between the four points of a window."""


class Spline:
    """A curve through all of N >= 2 positions, of one tangent at each of them (C1 in its knots), also round a loop.

    Arrays that go straight ("linear", and the logarithms of "logarithmic") use the pyramid of Barry and Goldman
    (1988). Directions ("spherical", "rotation") use the same tangents on their sphere and de Casteljau's steps along
    great circles (Shoemake 1985): unlike a pyramid of slerps it never turns further than asked for, so that no arc
    flips to the other way round. The length of a spherical array is a curve of its own.
    """

    def __init__(self, positions: Sequence[Position], rules: Mapping[str, Rule], is_loop: bool) -> None:
        self._is_loop = is_loop
        self._n = len(positions)
        self.intervals = knot_intervals(positions, rules, is_loop)
        self._tracks = {
            name: _Track(np.stack([position[name] for position in positions]), rule) for name, rule in rules.items()
        }

    def at(self, segment: int, u: Float64Array) -> dict[str, Array]:
        """Return each array, (T, *shape), at shares `u` (T,) of the knot interval of a segment."""
        indices, gaps = self._indices(segment), self._gaps(segment)
        return {name: track.at(indices, gaps, u) for name, track in self._tracks.items()}

    def _indices(self, segment: int) -> tuple[int | None, int, int, int | None]:
        around = range(segment - 1, segment + 3)
        if self._is_loop:
            before, start, end, after = (index % self._n for index in around)
            return before, start, end, after
        before, start, end, after = around
        return before if before >= 0 else None, start, end, after if after < self._n else None

    def _gaps(self, segment: int) -> Gaps:
        last, here = len(self.intervals) - 1, float(self.intervals[segment])
        if self._is_loop:
            return float(self.intervals[segment - 1]), here, float(self.intervals[(segment + 1) % (last + 1)])
        before = float(self.intervals[segment - 1]) if segment > 0 else here
        return before, here, float(self.intervals[segment + 1]) if segment < last else here


class _Track:
    """One array over all keyframes: points on a line, on spheres, or both (direction and length)."""

    def __init__(self, values: Array, rule: Rule) -> None:
        self._shape = values.shape[1:]
        self._rule = rule
        self._line: Float64Array | None = None
        self._sphere: Float64Array | None = None
        self._known_controls: dict[tuple[int | None, int, int, int | None], Float64Array] = {}
        flat = values.reshape(len(values), -1).astype(np.float64)  # (N, D)
        match rule:
            case "rotation":
                self._sphere = _continued(unit_rows(flat.reshape(len(flat), -1, values.shape[-1])))  # (N, R, 4)
            case "spherical":
                self._line = np.linalg.norm(flat, axis=1, keepdims=True)  # (N, 1)
                self._sphere = _directions(flat, self._line)[:, None]  # (N, 1, D)
            case "logarithmic":
                self._line = np.log(flat)
            case _:
                self._line = flat

    def at(self, indices: tuple[int | None, int, int, int | None], gaps: Gaps, u: Float64Array) -> Array:
        points: Any = 1.0
        if self._sphere is not None:
            points = on_circles(self._controls(self._sphere, indices, gaps), u).reshape(len(u), -1)
        if self._line is not None:
            points = points * on_line(_window(self._line, indices), gaps, u)
        if self._rule == "logarithmic":
            points = np.exp(points)
        return np.asarray(points.reshape(len(u), *self._shape), np.float32)

    def _controls(
        self, sphere: Float64Array, indices: tuple[int | None, int, int, int | None], gaps: Gaps
    ) -> Float64Array:
        """The control points of a segment, made once: a path is walked many times."""
        if indices not in self._known_controls:
            window = _window(sphere, indices)
            aligned = _aligned(window) if self._rule == "rotation" else window
            self._known_controls[indices] = bezier_controls(aligned, gaps)
        return self._known_controls[indices]


def knot_intervals(positions: Sequence[Position], rules: Mapping[str, Rule], is_loop: bool) -> Float64Array:
    """Return the centripetal interval of each segment, its length to the power 1/2 (Lee 1989): (n_segments,).

    Yuksel, Schaefer and Keyser (2011) show that these knots make neither cusps nor loops within a segment. Arrays of
    one position share their knots; each counts in units of its own mean step. Equal neighbours get a small interval.
    """
    ends = [*positions, positions[0]] if is_loop else list(positions)
    squares = np.zeros(len(ends) - 1)
    for name, rule in rules.items():
        steps = np.array([distance(a[name], b[name], rule) for a, b in pairwise(ends)])
        scale = steps.mean() if len(rules) > 1 and steps.any() else 1.0
        squares += (steps / scale) ** 2
    intervals = squares ** (ALPHA / 2)
    longest = float(intervals.max(initial=0.0))
    return np.maximum(intervals, SHORTEST * longest) if longest > 0 else np.ones_like(intervals)


def distance(a: Array, b: Array, rule: Rule) -> float:
    """Return how far `b` lies from `a`: straight, as an angle in radians, or in logarithms."""
    match rule:
        case "rotation":
            start = unit_rows(a)
            return float(np.linalg.norm(2 * np.linalg.norm(log_map(start, nearest_sign(start, unit_rows(b))), axis=-1)))
        case "logarithmic":
            return float(np.linalg.norm(np.log(b, dtype=np.float64) - np.log(a, dtype=np.float64)))
        case _:
            return float(np.linalg.norm(np.subtract(b, a, dtype=np.float64)))


def on_line(window: Window, gaps: Gaps, u: Float64Array) -> Float64Array:
    """Return points (T, D) of a segment between points (D,): the pyramid of Barry and Goldman."""
    p1, p2 = window[1], window[2]
    p0 = 2 * p1 - p2 if window[0] is None else window[0]
    p3 = 2 * p2 - p1 if window[3] is None else window[3]
    t0, t1, t2, t3 = np.concatenate([[0.0], np.cumsum(gaps)])
    t = (t1 + u * gaps[1])[:, None]  # (T, 1)
    a1, a2, a3 = _between(p0, p1, t, t0, t1), _between(p1, p2, t, t1, t2), _between(p2, p3, t, t2, t3)
    b1, b2 = _between(a1, a2, t, t0, t2), _between(a2, a3, t, t1, t3)
    return _between(b1, b2, t, t1, t2)  # (T, D)


def _between(a: Float64Array, b: Float64Array, t: Float64Array, low: float, high: float) -> Float64Array:
    return a + (t - low) / (high - low) * (b - a)


def on_circles(controls: Float64Array, u: Float64Array) -> Float64Array:
    """Return points (T, R, D) between rows of unit vectors, by de Casteljau's steps from control points (4, R, D)."""
    points, share = controls[None], u[:, None, None, None]  # (1, 4, R, D)
    while points.shape[1] > 1:
        a, b = points[:, :-1], points[:, 1:]
        points = exp_map(a, share * log_map(a, b))  # (T, 3, R, D), then 2, then 1
    return points[:, 0]


def bezier_controls(window: Window, gaps: Gaps) -> Float64Array:
    """Return the four control points (4, R, D) that give a segment on a sphere its tangents of Catmull–Rom."""
    before, start, end, after = window
    there, back = log_map(start, end), log_map(end, start)
    leaving, arriving = there, -back
    if before is not None:
        leaving = gaps[1] * _tangent(-log_map(start, before), there, gaps[0], gaps[1])
    if after is not None:
        arriving = gaps[1] * _tangent(-back, log_map(end, after), gaps[1], gaps[2])
    return np.stack([start, exp_map(start, leaving / 3), exp_map(end, -arriving / 3), end])


def _tangent(back: Float64Array, ahead: Float64Array, gap_back: float, gap_ahead: float) -> Float64Array:
    """Return the speed per knot at a point, from the ways that led there and lead on: Catmull–Rom with any knots."""
    return (gap_ahead / gap_back * back + gap_back / gap_ahead * ahead) / (gap_back + gap_ahead)


def log_map(a: Float64Array, b: Float64Array) -> Float64Array:
    """Return the tangents at unit vectors `a` (..., D) that lead to `b`, as long as the angle between them.

    To the opposite point any way is a shortest one; a fixed one is taken.
    """
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    aside = b - cosine * a
    sine = np.linalg.norm(aside, axis=-1, keepdims=True)
    is_opposite = (sine < MIN_LENGTH) & (cosine < 0)
    if is_opposite.any():
        aside = np.where(is_opposite, _perpendicular(np.broadcast_to(a, aside.shape)), aside)
        sine = np.linalg.norm(aside, axis=-1, keepdims=True)
    angle = np.where(is_opposite, np.pi, np.arctan2(sine, cosine))
    return np.asarray(aside * np.where(sine > 0, angle / np.where(sine > 0, sine, 1.0), 1.0))


def exp_map(a: Float64Array, tangent: Float64Array) -> Float64Array:
    """Return where one comes to from unit vectors `a` (..., D) along tangents as long as the angle to go."""
    angle = np.linalg.norm(tangent, axis=-1, keepdims=True)
    return np.asarray(np.cos(angle) * a + np.sinc(angle / np.pi) * tangent)


def _perpendicular(rows: Float64Array) -> Float64Array:
    """Return a vector at right angles to each row (..., D): the axis that it has least of, made orthogonal."""
    axis = np.eye(rows.shape[-1])[np.abs(rows).argmin(axis=-1)]
    return np.asarray(axis - np.sum(axis * rows, axis=-1, keepdims=True) * rows)


def _directions(places: Float64Array, lengths: Float64Array) -> Float64Array:
    """Return unit vectors (N, D); a place without a direction gets that of a neighbour."""
    known = np.flatnonzero(lengths[:, 0] > MIN_LENGTH)
    if not len(known):
        return np.broadcast_to(np.eye(places.shape[1])[0], places.shape)
    lender = known[np.maximum(np.searchsorted(known, np.arange(len(places)), side="right") - 1, 0)]
    return np.asarray(places[lender] / lengths[lender])


def _window(points: Float64Array, indices: tuple[int | None, int, int, int | None]) -> Window:
    before, start, end, after = indices
    return (
        None if before is None else points[before],
        points[start],
        points[end],
        None if after is None else points[after],
    )


def _continued(quaternions: Float64Array) -> Float64Array:
    """Give each of (N, R, 4) the sign that lies nearest to the one before it."""
    rows = quaternions.copy()
    for k in range(1, len(rows)):
        rows[k] = nearest_sign(rows[k - 1], rows[k])
    return rows


def _aligned(window: Window) -> Window:
    """Do the same within a window, where a loop may meet its start turned once round."""
    before, start, end, after = window
    end = nearest_sign(start, end)
    return (
        None if before is None else nearest_sign(start, before),
        start,
        end,
        None if after is None else nearest_sign(end, after),
    )
