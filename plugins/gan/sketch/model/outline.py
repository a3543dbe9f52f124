"""Makes an outline of a person's picture, to go on drawing from: edges are found, thinned and followed as strokes.

Canny 1986: smoothed gradients, of which the highest across each edge are kept, and of the faint ones those that go on
from a strong one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..state import SIDE, Drawing, DrawStroke, rounded_point

PEN_WIDTH: Final = 2.0
SHORTEST: Final = 3.0  # what is shorter, in pixels of the network, is left out
TOLERANCE: Final = 0.08  # how far a stroke may leave its line
SMOOTHING: Final = 5  # neighbours of a point whose mean it becomes, so that a line is no staircase
_STEPS: Final = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))
Mask = NDArray[np.bool_]
Place = tuple[int, int]
Points = NDArray[np.float64]
SIDE_PX: Final = 128
MARGIN_PX: Final = 6
SIGMA_PX: Final = 1.4
STRONG_SHARE: Final = 0.09  # of all pixels; as many edges as are in the icons that were learnt from
LEAST_STRONG: Final = 0.05  # of the range of a colour, for each pixel
FAINT: Final = 0.4  # of the strong ones
N_MOST: Final = 80  # strokes: what is shorter than all of these is texture
_DARK, _LIGHT = 0.55, 0.8
Plane = NDArray[np.float32]


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
        strokes.append(DrawStroke("pen", tuple(rounded_point(*points[index]) for index in kept), width))
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
    padded = (
        np.concatenate([way[-1 - reach : -1], way, way[1 : 1 + reach]])
        if is_ring
        else np.pad(way, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    )
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


def outline_of(rgb: NDArray[np.uint8]) -> Drawing:
    """Strokes along the edges of a picture (H, W, 3), the longest first; it is fitted into the square as it is."""
    picture = fitted(rgb)
    lines = picture.mean(2) < _DARK if is_line_drawing(picture) else edges(picture)
    return traced(lines)[:N_MOST]


def fitted(rgb: NDArray[np.uint8]) -> Plane:
    """A picture (H, W, 3) as large as it can be on a white square with a margin, (128, 128, 3) in 0..1."""
    height, width = rgb.shape[:2]
    scale = (SIDE_PX - 2 * MARGIN_PX) / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = Image.fromarray(np.ascontiguousarray(rgb)).resize(size, Image.Resampling.LANCZOS)
    square = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    square.paste(small, ((SIDE_PX - size[0]) // 2, (SIDE_PX - size[1]) // 2))
    return np.asarray(square, np.float32) / np.float32(255)


def is_line_drawing(picture: Plane) -> bool:
    """Whether a picture (H, W, 3) in 0..1 is dark lines without colour on light paper."""
    light = picture.mean(2)
    saturation = float((picture.max(2) - picture.min(2)).mean())
    return saturation < 0.05 and float((light > _LIGHT).mean()) > 0.6 and 0.005 < float((light < _DARK).mean()) < 0.3


def edges(picture: Plane) -> Mask:
    """Where the colours of a picture (H, W, 3) in 0..1 change, as lines about one pixel wide (H, W)."""
    dy, dx = gradient(blurred(picture, SIGMA_PX))
    steepness = np.hypot(dy, dx)
    strong = max(LEAST_STRONG, float(np.quantile(steepness, 1 - STRONG_SHARE)))
    ridge = ridges(steepness, dy, dx)
    return connected(ridge & (steepness >= strong), ridge & (steepness >= FAINT * strong))


def blurred(picture: Plane, sigma_px: float) -> Plane:
    """A Gaussian blur over the first two axes; beyond the edges the picture goes on with its last pixels."""
    reach = int(np.ceil(3 * sigma_px))
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-(offsets**2) / (2 * sigma_px**2))
    kernel = (kernel / kernel.sum()).astype(np.float32)
    for axis in (0, 1):
        pads = [(reach, reach) if one == axis else (0, 0) for one in range(picture.ndim)]
        padded = np.pad(picture, pads, mode="edge")
        n = picture.shape[axis]
        shifted = [weight * padded.take(range(start, start + n), axis) for start, weight in enumerate(kernel)]
        picture = np.sum(shifted, axis=0, dtype=np.float32)
    return picture


def gradient(picture: Plane) -> tuple[Plane, Plane]:
    """Change for each pixel down and to the right, (H, W) each, of the channel of (H, W, C) that changes most."""
    dy, dx = (np.gradient(picture, axis=axis) for axis in (0, 1))
    channel = (dy**2 + dx**2).argmax(2)[..., None]
    return np.take_along_axis(dy, channel, 2)[..., 0], np.take_along_axis(dx, channel, 2)[..., 0]


def ridges(steepness: Plane, dy: Plane, dx: Plane) -> Mask:
    """Where nothing just across the edge is steeper, (H, W); of two that are as steep one is kept."""
    height, width = steepness.shape
    padded = np.pad(steepness, 1)
    eighth = np.rint(np.arctan2(dy, dx) / (np.pi / 4)).astype(np.int64) % 4
    ridge = np.zeros_like(steepness, np.bool_)
    for direction, (down, right) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = padded[1 + down : 1 + down + height, 1 + right : 1 + right + width]
        behind = padded[1 - down : 1 - down + height, 1 - right : 1 - right + width]
        ridge |= (eighth == direction) & (steepness > ahead) & (steepness >= behind)
    return ridge & (steepness > 0)


def connected(strong: Mask, faint: Mask) -> Mask:
    """The strong places and all faint ones that touch them, directly or through others, also at corners."""
    found = strong
    while True:
        padded = np.pad(found, 1)
        rows = padded[:-2] | padded[1:-1] | padded[2:]
        wider = (rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]) & (faint | strong)
        if int(wider.sum()) == int(found.sum()):
            return found
        found = wider
