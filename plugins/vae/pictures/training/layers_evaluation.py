"""Measures redrawn faces that are drawn large: what a judge reads in them, how sharp their outlines are, and where.

Shapes: N pictures, S pixels along a side, P points of outlines, T steps along the way across one.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.recipe import Measuring
from studio.nn.layered.layered_vae import LayeredVAE

Array: TypeAlias = npt.NDArray[np.float32]
SHARP_PX: Final = 512
REACH_PX: Final = 8.0
STEP_PX: Final = 0.1
CALM_PX: Final = 2.0  # the ends of the way across, where the colours are those of both sides
LEAST_CONTRAST: Final = 0.2
LOW, HIGH = 0.1, 0.9
N_POINTS: Final = 40


@torch.no_grad()
def sharp_pictures(model: LayeredVAE, places: Tensor, size_px: int = SHARP_PX) -> Iterator[Array]:
    """Pictures (S, S, 3) in 0..1 at places (N, Z), one by one."""
    for place in places:
        yield np.asarray(model.drawn(model.layers(place[None]), size_px)[0] / 255, np.float32)


def reduced(picture: Array, size_px: int) -> Array:
    """The mean colours of blocks of a picture (S, S, 3): (size_px, size_px, 3)."""
    side = picture.shape[0] // size_px
    return picture.reshape(size_px, side, size_px, side, 3).mean((1, 3), dtype=np.float32)


def small_pictures(model: LayeredVAE, places: Tensor, size_px: int) -> Measuring[Tensor]:
    """The same made small, (N, 3, size_px, size_px)."""
    small = []
    for picture in sharp_pictures(model, places):
        small.append(torch.from_numpy(reduced(picture, size_px)).movedim(2, 0))
        yield
    return torch.stack(small)


def rises(picture: Array, inside: npt.NDArray[np.bool_], seed: int) -> Array:
    """How wide the outline of a picture (S, S, 3) is, (P,) in pixels: from a tenth to nine tenths of the way across.

    Measured at points, drawn with `seed`, of the border of what is not background in the true picture (S, S).
    """
    found = []
    for row, column, down, right in _outline(inside, seed):
        steps = np.arange(-REACH_PX, REACH_PX + STEP_PX / 2, STEP_PX)
        way = _between(picture, row + steps * down, column + steps * right)  # (T, 3)
        n_calm = int(CALM_PX / STEP_PX)
        outside, inside = way[:n_calm].mean(0), way[-n_calm:].mean(0)
        change = inside - outside
        if np.abs(change).max() >= LEAST_CONTRAST:
            share = (way - outside) @ change / (change @ change)  # (T,)
            begun, done = np.argmax(share > LOW), np.argmax(share > HIGH)
            found.append(STEP_PX * (done - begun))
    return np.array(found, np.float32)


def _outline(shape: npt.NDArray[np.bool_], seed: int) -> Iterator[tuple[float, float, float, float]]:
    """Some points of the border of the background, not near that of the picture: place, and the way to the inside."""
    from scipy.ndimage import gaussian_filter

    inside = gaussian_filter(shape.astype(np.float32), 2.0)  # (S, S)
    down, right = np.gradient(inside)
    margin = int(REACH_PX) + 2
    is_border = np.abs(inside - 0.5) < 0.1
    is_border[:margin] = is_border[-margin:] = is_border[:, :margin] = is_border[:, -margin:] = False
    rows, columns = np.nonzero(is_border)
    chosen = np.random.default_rng(seed).permutation(len(rows))[:N_POINTS]
    for row, column in zip(rows[chosen], columns[chosen], strict=True):
        slope = np.hypot(down[row, column], right[row, column])
        yield float(row), float(column), float(down[row, column] / slope), float(right[row, column] / slope)


def _between(picture: Array, rows: npt.NDArray[np.floating], columns: npt.NDArray[np.floating]) -> Array:
    """The colours of a picture between its pixels, (T, 3)."""
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    y, x = (rows - top)[:, None], (columns - left)[:, None]
    upper = (1 - x) * picture[top, left] + x * picture[top, left + 1]
    lower = (1 - x) * picture[top + 1, left] + x * picture[top + 1, left + 1]
    return np.asarray((1 - y) * upper + y * lower, np.float32)
