"""Which pixels a tool touches: a brush along its way, a box, or everything from a pixel on in reading order."""

import numpy as np

from .pixel_scene import Mask


def covered(side: int, shape: str, first: tuple[int, int], last: tuple[int, int], brush_px: int) -> Mask:
    """(side, side) pixels under a "brush" from one to the other, in the "box" of both, or "below": from the last on.

    A brush is a disc that is `brush_px` pixels wide.
    """
    rows, columns = np.mgrid[:side, :side]
    if shape == "below":
        mask: Mask = rows * side + columns >= last[0] * side + last[1]
        return mask
    if shape == "box":
        (top, bottom), (left, right) = sorted((first[0], last[0])), sorted((first[1], last[1]))
        return (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
    return _near_line(rows - first[0], columns - first[1], last[0] - first[0], last[1] - first[1], brush_px / 2)


def _near_line(rows: np.ndarray, columns: np.ndarray, height: int, width: int, radius: float) -> Mask:
    """Pixels whose middle is at most `radius` from the line that leads from (0, 0) to (height, width)."""
    length = max(height**2 + width**2, 1)
    along = np.clip((rows * height + columns * width) / length, 0, 1)
    mask: Mask = (rows - along * height) ** 2 + (columns - along * width) ** 2 <= radius**2
    return mask


def box_of(mask: Mask) -> tuple[int, int, int, int] | None:
    """The smallest box around a mask: (top, left, bottom, right), inclusive; None around nothing."""
    rows, columns = np.nonzero(mask)
    return (int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max())) if len(rows) else None
