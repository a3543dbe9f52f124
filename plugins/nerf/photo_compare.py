"""Lays a photo and our picture of the same view together in one picture, to see where they differ."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from studio.api.panel import colour_difference, coloured_amount

from .ray import FloatArray

ByteArray = npt.NDArray[np.uint8]
Comparison = Literal["off", "wipe", "difference", "side"]
COMPARISONS: Final[tuple[Comparison, ...]] = ("off", "wipe", "difference", "side")

DIFFERENCE_GAIN: Final = 4.0
"""A quarter of the distance from black to white has the brightest colour: good scenes differ by little."""
_LINE: Final = ((2, 0), (1, 255))  # half widths in pixels and the grey of the line between the two
_GAP: Final = 0.02  # of the width, between two pictures side by side


def compared(kind: Comparison, ours: ByteArray, photo: ByteArray, place: float = 0.5) -> ByteArray:
    """One picture of two (H, W, 3) of one size.

    Args:
        kind: "off" for ours alone, "wipe" for the photo left of a line and ours right of it, "difference" for how far
            the colours are apart, "side" for the photo and ours, each half as wide and high.
        place: of the line, as a share of the width.
    """
    if ours.shape != photo.shape:
        raise ValueError(f"pictures of two sizes: {ours.shape} and {photo.shape}")
    if kind == "wipe":
        return _wiped(ours, photo, place)
    if kind == "difference":
        return coloured_amount(colour_difference(photo, ours) * np.float32(DIFFERENCE_GAIN))
    return _side_by_side(ours, photo) if kind == "side" else ours


def _wiped(ours: ByteArray, photo: ByteArray, place: float) -> ByteArray:
    width = ours.shape[1]
    column = round(min(max(place, 0.0), 1.0) * width)
    picture = np.concatenate([photo[:, :column], ours[:, column:]], axis=1)
    for half, grey in _LINE:
        picture[:, max(column - half, 0) : min(column + half, width)] = grey
    return picture


def _side_by_side(ours: ByteArray, photo: ByteArray) -> ByteArray:
    """Both in the middle of a picture as large as each of them, on grey."""
    height, width = ours.shape[:2]
    gap = max(1, round(_GAP * width))
    inner = max(1, (width - gap) // 2)
    halves = [resized(one, inner, max(1, round(height * inner / width))) for one in (photo, ours)]
    picture = np.full_like(ours, 40)
    top = (height - halves[0].shape[0]) // 2
    for left, half in zip((0, width - inner), halves, strict=True):
        picture[top : top + len(half), left : left + inner] = half
    return picture


def resized(pixels: ByteArray, width: int, height: int) -> ByteArray:
    """A picture (H, W, 3) in another size, (height, width, 3): each pixel the mean of what it covers, or in between."""
    rows = _mixed(pixels.astype(np.float32), height)
    across = _mixed(np.ascontiguousarray(rows.swapaxes(0, 1)), width)
    return (np.clip(across.swapaxes(0, 1), 0, 255) + np.float32(0.5)).astype(np.uint8)


def _mixed(lines: FloatArray, n_new: int) -> FloatArray:
    """Bring the first axis of (N, ...) to another length; a pixel weighs its neighbours by a triangle (bilinear)."""
    n_old = len(lines)
    reach = max(n_old / n_new, 1.0)
    middles = (np.arange(n_new) + 0.5) * n_old / n_new - 0.5
    first = np.ceil(middles - reach).astype(np.intp)
    total = np.zeros((n_new, *lines.shape[1:]), np.float32)
    shares = np.zeros(n_new, np.float32)
    for tap in range(int(2 * reach) + 1):
        place = first + tap
        share = np.maximum(1 - np.abs(place - middles) / reach, 0) * ((place >= 0) & (place < n_old))
        total += lines[np.clip(place, 0, n_old - 1)] * share.astype(np.float32).reshape(-1, *[1] * (lines.ndim - 1))
        shares += share.astype(np.float32)
    return np.asarray(total / shares.reshape(-1, *[1] * (lines.ndim - 1)), np.float32)
