"""Makes an outline of a person's picture, to go on drawing from: its edges, or its lines where it is a line drawing.

Canny 1986: smoothed gradients, of which the highest across each edge are kept, and of the faint ones those that go on
from a strong one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .draw_stroke import Drawing
from .draw_trace import traced

SIDE_PX: Final = 128
MARGIN_PX: Final = 6
SIGMA_PX: Final = 1.4
STRONG_SHARE: Final = 0.09  # of all pixels; as many edges as are in the icons that were learnt from
LEAST_STRONG: Final = 0.05  # of the range of a colour, for each pixel
FAINT: Final = 0.4  # of the strong ones
N_MOST: Final = 80  # strokes: what is shorter than all of these is texture
_DARK, _LIGHT = 0.55, 0.8
Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]


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
