"""What a frame shows of pictures that are being made: how far they are, what comes next, and how surprising it was.

Shape letters: B pictures, H W pixels, P = H W places in reading order, V levels.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.text import N_
from studio.core.view import Field, Image, Series, View

from .pixel_sampling import PixelSampler
from .pixel_state import PixelState

UNKNOWN: Final = (40, 44, 54)
"""The colour of pixels that are not there yet: no grey, so that it is none of theirs."""
MOST_BITS: Final = 8.0
N_COLUMNS: Final = 2


def frame_of(sampler: PixelSampler, state: PixelState, place: int, step: int, n_steps: int) -> Frame:
    """The frame at a place: all pixels before it are settled, and what is said about it is known."""
    config, task = sampler.config, sampler.task
    is_known = state.kept != 0  # (P,)
    is_known[:place] = True
    values = task.values * is_known  # (B, P)
    surprise = task.surprise.copy()  # (B, P), 0 where nothing is settled
    surprise[:, place:] = 0
    shape = (-1, config.size_px, config.size_px)
    views: dict[str, View] = {
        "picture": Image(mosaic(coloured(values, is_known, config.n_levels).reshape(*shape, 3))),
        "surprise": Field(surprise.reshape(shape), "surprise", 0.0, MOST_BITS),
    }
    if place < config.n_places:
        views["next"] = next_value(sampler, place)
    return Frame(
        step,
        n_steps,
        N_("Pixel {place} of {n}").format(place=place, n=config.n_places),
        views,
        scalars(surprise, place),
        {
            "values": values.reshape(shape),
            "kept": state.kept.reshape(config.size_px, config.size_px).copy(),
            "labels": task.labels.copy(),
            "place": np.array([place], np.int64),
        },
    )


def scalars(surprise: npt.NDArray[np.float32], place: int) -> dict[str, float]:
    """Of the first picture: bits per pixel so far, and the newest pixel's."""
    if not place:
        return {}
    return {"bits": float(surprise[0, :place].mean()), "surprise": float(surprise[0, place - 1])}


def next_value(sampler: PixelSampler, place: int) -> Series:
    """The distribution of the next value of each picture, after the temperature."""
    said = sampler.task.said[place] / sampler.task.temperature  # (B, V)
    chances = np.exp(said - said.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    curves = {N_("Ending {n}").format(n=number): row.astype(np.float32) for number, row in enumerate(chances, 1)}
    return Series(curves, np.arange(said.shape[1], dtype=np.float32), N_("Value of the next pixel"))


def grey_levels(values: npt.NDArray[np.uint8], n_levels: int) -> npt.NDArray[np.uint8]:
    """Levels as grey values of one byte; shapes alike."""
    return np.round(values.astype(np.float32) * (255 / (n_levels - 1))).astype(np.uint8)


def coloured(
    values: npt.NDArray[np.uint8], is_known: npt.NDArray[np.bool_], n_levels: int
) -> npt.NDArray[np.uint8]:
    """Levels (B, P) as colours (B, P, 3); what is not known (P,) has a colour of its own."""
    grey = np.repeat(grey_levels(values, n_levels)[..., None], 3, -1)
    grey[:, ~is_known] = UNKNOWN
    return grey


def mosaic(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Pictures (B, H, W, 3) as one: a single one as it is, more of them in two columns with a line between."""
    n, height, width, _ = pictures.shape
    if n == 1:
        return np.ascontiguousarray(pictures[0])
    n_rows = -(-n // N_COLUMNS)
    sheet = np.full((n_rows * (height + 1) - 1, N_COLUMNS * (width + 1) - 1, 3), UNKNOWN, np.uint8)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, N_COLUMNS)
        top, left = row * (height + 1), column * (width + 1)
        sheet[top : top + height, left : left + width] = picture
    return sheet
