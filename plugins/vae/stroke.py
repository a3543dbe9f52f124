"""Makes few keyframes of a stroke that a hand drew."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

TOLERANCE_PX = 3.0
MAX_POINTS = 40
MIN_LENGTH_PX = 16.0
CLOSING_PX = 14.0


def stroke_points(pixels: Sequence[tuple[float, float]]) -> tuple[npt.NDArray[np.float64], bool]:
    """Return the points (K, 2) that keep a stroke's shape to about 3 pixels, at most 40, and whether it closes.

    A closed stroke ends near its start; its end is left out. A stroke too short to be meant gives no points.
    """
    stroke = np.asarray(pixels, np.float64).reshape(-1, 2)  # (N, 2)
    length = stroke_length(stroke)
    if length < MIN_LENGTH_PX:
        return np.zeros((0, 2)), False
    is_closed = length > 4 * CLOSING_PX and float(np.linalg.norm(stroke[-1] - stroke[0])) <= CLOSING_PX
    if is_closed:
        stroke = np.concatenate([stroke, stroke[:1]])
    tolerance, points = TOLERANCE_PX, simplify(stroke, TOLERANCE_PX)
    while len(points) > MAX_POINTS:
        tolerance *= 1.25
        points = simplify(stroke, tolerance)
    if is_closed and len(points) > 3:
        return points[:-1], True
    return points, False


def stroke_length(points: npt.NDArray[np.float64]) -> float:
    """Return the length of the line through points (N, 2)."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def simplify(points: npt.NDArray[np.float64], tolerance: float) -> npt.NDArray[np.float64]:
    """Return some of the points (N, 2), both ends among them, none of the others further than `tolerance` away.

    Ramer (1972), Douglas and Peucker (1973), without recursion.
    """
    is_kept = np.zeros(len(points), bool)
    is_kept[[0, -1]] = True
    pieces = [(0, len(points) - 1)]
    while pieces:
        first, last = pieces.pop()
        if last - first < 2:
            continue
        distances = distances_to(points[first + 1 : last], points[first], points[last])
        furthest = int(distances.argmax())
        if distances[furthest] > tolerance:
            middle = first + 1 + furthest
            is_kept[middle] = True
            pieces += [(first, middle), (middle, last)]
    return points[is_kept]


def distances_to(
    points: npt.NDArray[np.float64], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the distance of points (N, 2) to the piece from `a` to `b`, both (2,)."""
    way = b - a
    squared = float(way @ way)
    share = np.clip((points - a) @ way / squared, 0, 1) if squared > 0 else np.zeros(len(points))
    return np.asarray(np.linalg.norm(points - a - share[:, None] * way, axis=1))
