"""The arithmetic of the map: which part of the plane a rectangle shows, and few keyframes of a drawn stroke."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from studio.core.path.route import Route

MIN_ZOOM, MAX_ZOOM = 1.0, 24.0
COARSE_PX, TOLERANCE_PX = 12.0, 3.0
SAMPLE_PX = 2.0
MAX_POINTS = 40
MIN_LENGTH_PX = 16.0
CLOSING_PX = 14.0
N_PER_SEGMENT = 8
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Viewport:
    """Shows [-extent_x, extent_x] x [-extent_y, extent_y], y upwards, `zoom` times enlarged about a centre."""

    extent_x: float
    extent_y: float
    centre_x: float = 0.0
    centre_y: float = 0.0
    zoom: float = 1.0
    max_zoom: float = MAX_ZOOM

    def scale(self, width_px: float, height_px: float) -> tuple[float, float]:
        """Pixels per unit of the plane, along x and y."""
        return width_px / 2 / self.extent_x * self.zoom, height_px / 2 / self.extent_y * self.zoom

    def to_pixel(self, x: float, y: float, width_px: float, height_px: float) -> tuple[float, float]:
        """Where a point of the plane lies in the rectangle."""
        scale_x, scale_y = self.scale(width_px, height_px)
        return width_px / 2 + (x - self.centre_x) * scale_x, height_px / 2 - (y - self.centre_y) * scale_y

    def to_pixels(self, points: npt.NDArray[np.floating], width_px: float, height_px: float) -> npt.NDArray[np.float64]:
        """Where points (..., 2) of the plane lie in the rectangle."""
        scale_x, scale_y = self.scale(width_px, height_px)
        moved = np.asarray(points, np.float64) - (self.centre_x, self.centre_y)
        return np.asarray(moved * (scale_x, -scale_y) + (width_px / 2, height_px / 2))

    def to_plane(self, x_px: float, y_px: float, width_px: float, height_px: float) -> tuple[float, float]:
        """Which point of the plane lies under a pixel."""
        scale_x, scale_y = self.scale(width_px, height_px)
        return self.centre_x + (x_px - width_px / 2) / scale_x, self.centre_y - (y_px - height_px / 2) / scale_y

    def zoomed(self, factor: float, at: tuple[float, float]) -> "Viewport":
        """Enlarge by `factor` so that the plane's point `at` stays under its pixel."""
        zoom = min(self.max_zoom, max(MIN_ZOOM, self.zoom * factor))
        keep = self.zoom / zoom
        x = at[0] + (self.centre_x - at[0]) * keep
        y = at[1] + (self.centre_y - at[1]) * keep
        return replace(self, zoom=zoom).panned_to(x, y)

    def panned_to(self, x: float, y: float) -> "Viewport":
        """Move the centre, at most so far that the plane still fills the view."""
        limit_x, limit_y = self.extent_x * (1 - 1 / self.zoom), self.extent_y * (1 - 1 / self.zoom)
        return replace(self, centre_x=min(limit_x, max(-limit_x, x)), centre_y=min(limit_y, max(-limit_y, y)))


def stroke_points(pixels: Sequence[tuple[float, float]]) -> tuple[Points, bool]:
    """Return few points (K, 2) of a stroke and whether it closes; the smooth path through them follows it.

    It keeps within 3 pixels of the stroke where 40 points are enough for that. A closed stroke ends near its start;
    its end is left out. A stroke too short to be meant gives no points.
    """
    stroke = _sampled(np.asarray(pixels, np.float64).reshape(-1, 2))  # (N, 2)
    length = stroke_length(stroke)
    if length < MIN_LENGTH_PX:
        return np.zeros((0, 2)), False
    is_closed = length > 4 * CLOSING_PX and float(np.linalg.norm(stroke[-1] - stroke[0])) <= CLOSING_PX
    ring = np.concatenate([stroke, stroke[:1]]) if is_closed else stroke
    chosen = simplify(ring, COARSE_PX)
    if is_closed and len(chosen) > 3:
        return stroke[_refined(stroke, chosen[:-1], True)], True
    return stroke[_refined(stroke, simplify(stroke, COARSE_PX), False)], False


def _sampled(stroke: Points) -> Points:
    """Leave out what lies within two pixels of the point before it; the end stays."""
    kept: list[int] = []
    for index, point in enumerate(stroke):
        if not kept or np.linalg.norm(point - stroke[kept[-1]]) >= SAMPLE_PX or index == len(stroke) - 1:
            kept.append(index)
    return stroke[kept]


def _refined(stroke: Points, chosen: list[int], is_closed: bool) -> list[int]:
    """Add the point that the smooth path misses most, until it misses none by much."""
    while len(chosen) < MAX_POINTS:
        distances = distances_to_line(stroke, smooth_line(stroke[chosen], is_closed))
        worst = int(distances.argmax())
        if distances[worst] <= TOLERANCE_PX or worst in chosen:
            break
        chosen = sorted([*chosen, worst])
    return sorted(chosen[:MAX_POINTS])


def smooth_line(points: Points, is_closed: bool) -> Points:
    """Return the smooth path through points (K, 2) as a line through (N, 2)."""
    route = Route([{"at": point.astype(np.float32)} for point in points], {"at": "linear"}, "smooth", is_closed)
    return route.at_all(route.stops(N_PER_SEGMENT))["at"].astype(np.float64)


def distances_to_line(points: Points, line: Points) -> Points:
    """Return the distance of points (N, 2) to the line through (M, 2)."""
    pieces = [distances_to(points, a, b) for a, b in pairwise(line)]
    return np.asarray(np.min(pieces, axis=0))


def stroke_length(points: Points) -> float:
    """Return the length of the line through points (N, 2)."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def simplify(points: Points, tolerance: float) -> list[int]:
    """Return the indices of some points (N, 2), both ends among them, none of the others further than `tolerance` away.

    Ramer (1972), Douglas and Peucker (1973), without recursion.
    """
    kept = {0, len(points) - 1}
    pieces = [(0, len(points) - 1)]
    while pieces:
        first, last = pieces.pop()
        if last - first < 2:
            continue
        distances = distances_to(points[first + 1 : last], points[first], points[last])
        furthest = int(distances.argmax())
        if distances[furthest] > tolerance:
            middle = first + 1 + furthest
            kept.add(middle)
            pieces += [(first, middle), (middle, last)]
    return sorted(kept)


def distances_to(points: Points, a: Points, b: Points) -> Points:
    """Return the distance of points (N, 2) to the piece from `a` to `b`, both (2,)."""
    way = b - a
    squared = float(way @ way)
    share = np.clip((points - a) @ way / squared, 0, 1) if squared > 0 else np.zeros(len(points))
    return np.asarray(np.linalg.norm(points - a - share[:, None] * way, axis=1))
