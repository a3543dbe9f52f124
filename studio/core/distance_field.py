"""Exact Euclidean distance transforms and signed distance fields in plain numpy."""

import numpy as np
from numpy.typing import NDArray


def distance_to_background(
    mask: NDArray[np.bool_],
    limit_px: float | None = None,
    rows: NDArray[np.intp] | None = None,
    columns: NDArray[np.intp] | None = None,
) -> NDArray[np.float32]:
    """Distance of every True pixel to the nearest False pixel; 0 at False pixels.

    Exact two-pass transform: along the columns first, then the minimum over the shifted and lifted parabolas of each
    row (Felzenszwalb and Huttenlocher 2012, the second pass by brute force). What lies outside counts as True.

    Args:
        mask: (..., H, W).
        limit_px: distances are clipped here, which also makes it faster; None means no limit.
        rows, columns: indices at which the result is wanted; None means all.

    Returns:
        (..., rows, columns) float32 in pixels. Without any False pixel: the limit, or H + W.
    """
    height, width = mask.shape[-2:]
    far = height + width if limit_px is None else min(int(np.ceil(limit_px)) + 1, height + width)
    along = _column_distances(mask, far)
    if rows is not None:
        along = along[..., rows, :]
    if columns is None:
        columns = np.arange(width)
    squared = np.moveaxis(along * along, -1, 0)
    reach = min(far, width)
    edge = np.full((reach, *squared.shape[1:]), far * far, squared.dtype)
    squared = np.concatenate([edge, squared, edge])
    best = squared[columns + reach]
    for shift in range(1, reach):
        lift = shift * shift
        if lift >= int(best.max(initial=0)):
            break
        for place in (columns + reach - shift, columns + reach + shift):
            np.minimum(best, squared[place] + squared.dtype.type(lift), out=best)
    distance: NDArray[np.float32] = np.sqrt(np.moveaxis(best, 0, -1), dtype=np.float32)
    return np.minimum(distance, np.float32(far if limit_px is None else limit_px), dtype=np.float32)


def _column_distances(mask: NDArray[np.bool_], far: int) -> NDArray[np.signedinteger]:
    """Distance along axis -2 to the nearest False of each column, at most `far`; (..., H, W)."""
    # The sum of two squares must fit; half the memory is half the time.
    kind: type[np.signedinteger] = np.int16 if 2 * far * far < 1 << 15 else np.int32
    distance = mask.astype(kind) * far
    for row in range(1, mask.shape[-2]):
        np.minimum(distance[..., row, :], distance[..., row - 1, :] + 1, out=distance[..., row, :])
    for row in reversed(range(mask.shape[-2] - 1)):
        np.minimum(distance[..., row, :], distance[..., row + 1, :] + 1, out=distance[..., row, :])
    return distance


def signed_distance_field(mask: NDArray[np.bool_], size_px: int, limit_px: float) -> NDArray[np.float32]:
    """Signed distance to the outline of a mask, reduced to `size_px`.

    Args:
        mask: (..., N, N), True inside; N = size_px * k with k even.
        size_px: side of the result.
        limit_px: the result is clipped to +- this many of its own pixels.

    Returns:
        (..., size_px, size_px) float32 in pixels of the result, positive inside, 0 on the outline, sampled at its pixel
        centres (the mean of the four mask pixels around each).
    """
    factor, rest = divmod(mask.shape[-1], size_px)
    if rest or factor % 2 or mask.shape[-1] != mask.shape[-2]:
        raise ValueError(f"mask {mask.shape} is not a square, even multiple of {size_px}")
    centres = np.arange(size_px) * factor + factor // 2
    around = np.stack([centres - 1, centres], axis=1).ravel()
    limit = limit_px * factor + 1
    inside = distance_to_background(mask, limit, around, around)
    outside = distance_to_background(~mask, limit, around, around)
    # The outline runs half a mask pixel from the centres on either side of it.
    signed = np.where(inside > 0, inside - 0.5, 0.5 - outside)
    pairs = signed.reshape(*signed.shape[:-2], size_px, 2, size_px, 2)
    reduced: NDArray[np.float32] = pairs.mean((-3, -1), dtype=np.float32)
    reduced /= np.float32(factor)
    return reduced.clip(-limit_px, limit_px)
