"""Where a person's picture lies in the model's frame when the rest around it is to be invented (outpainting).

All lengths are shares of the frame's sides, 0 to 1 from left to right and from top to bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Side: TypeAlias = Literal[-1, 0, 1]
Handle: TypeAlias = tuple[Side, Side]
"""A corner or an edge: (-1, -1) is top left, (1, 0) the right edge, (0, 0) the inside."""

HANDLES: Final[tuple[Handle, ...]] = (
    (-1, -1),
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
)
MIN_SCALE, MAX_SCALE = 0.2, 1.0
MIN_SEEN: Final = 0.25  # of the picture's sides stays in the frame
SCALES: Final = (0.25, 1 / 3, 0.5, 2 / 3, 0.75, 1.0)


@dataclass(frozen=True)
class Placing:
    """The picture's left and top, and its side, as shares of the frame; the first fills the frame."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0

    def moved(self, dx: float, dy: float) -> "Placing":
        """Shift it, as far as enough of it stays in the frame."""
        return replace(self, x=self.x + dx, y=self.y + dy).bounded()

    def bounded(self) -> "Placing":
        """The nearest one that is allowed."""
        scale = min(max(self.scale, MIN_SCALE), MAX_SCALE)
        low, high = -(1 - MIN_SEEN) * scale, 1 - MIN_SEEN * scale
        return Placing(min(max(self.x, low), high), min(max(self.y, low), high), scale)

    def scaled(self, scale: float, fixed: tuple[float, float]) -> "Placing":
        """Another size about a point of the picture that stays: (0, 0) is its left top, (1, 1) its right bottom."""
        scale = min(max(scale, MIN_SCALE), MAX_SCALE)
        less = self.scale - scale
        return Placing(self.x + fixed[0] * less, self.y + fixed[1] * less, scale).bounded()

    def pulled(self, handle: Handle, x: float, y: float) -> "Placing":
        """Let a corner or an edge follow a point of the frame, while the side across from it stays."""
        fixed = ((1 - handle[0]) / 2, (1 - handle[1]) / 2)
        at_x, at_y = self.x + fixed[0] * self.scale, self.y + fixed[1] * self.scale
        reaches = [(at, side) for at, side in ((x - at_x, handle[0]), (y - at_y, handle[1])) if side]
        return self.scaled(max(reach * side for reach, side in reaches), fixed)

    def snapped(self, tolerance: float) -> "Placing":
        """Pulled to the frame's sides and middle where it is within `tolerance` of them."""
        targets = (0.0, (1 - self.scale) / 2, 1 - self.scale)
        return replace(self, x=_snapped(self.x, targets, tolerance), y=_snapped(self.y, targets, tolerance))

    def snapped_scale(self, handle: Handle, tolerance: float) -> "Placing":
        """Pulled to a plain size, or to one at which the pulled side meets the frame's."""
        fixed = ((1 - handle[0]) / 2, (1 - handle[1]) / 2)
        meets = [
            (1 - at if side > 0 else at)
            for at, side in ((self.x + fixed[0] * self.scale, handle[0]), (self.y + fixed[1] * self.scale, handle[1]))
            if side
        ]
        return self.scaled(_snapped(self.scale, (*meets, *SCALES), tolerance), fixed)


def _snapped(value: float, targets: Sequence[float], tolerance: float) -> float:
    nearest = min(targets, key=lambda target: abs(target - value))
    return nearest if abs(nearest - value) <= tolerance else value


def pixel_box(placing: Placing, height: int, width: int) -> tuple[int, int, int, int]:
    """Left, top, width and height in pixels of the model; at least one pixel."""
    n_columns, n_rows = max(1, round(placing.scale * width)), max(1, round(placing.scale * height))
    return round(placing.x * width), round(placing.y * height), n_columns, n_rows


def placed(picture: ByteArray, placing: Placing) -> tuple[ByteArray, ByteArray]:
    """The frame with the picture in its place, and what is to be invented around it.

    Args:
        picture: (H, W, 3) uint8 that would fill the frame.

    Returns:
        The frame (H, W, 3): around the picture its border goes on; and the mask (H, W), 255 where the picture is not.
    """
    from PIL.Image import Resampling, fromarray

    height, width = picture.shape[:2]
    left, top, n_columns, n_rows = pixel_box(placing, height, width)
    small = picture
    if (n_rows, n_columns) != (height, width):
        small = np.asarray(fromarray(picture).resize((n_columns, n_rows), Resampling.BOX))
    rows, columns = np.arange(height) - top, np.arange(width) - left
    frame = small[np.clip(rows, 0, n_rows - 1)[:, None], np.clip(columns, 0, n_columns - 1)[None]]
    is_picture = ((rows >= 0) & (rows < n_rows))[:, None] & ((columns >= 0) & (columns < n_columns))[None]
    return np.ascontiguousarray(frame), np.where(is_picture, np.uint8(0), np.uint8(255))
