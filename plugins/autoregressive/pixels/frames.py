"""What a frame shows of pictures that are being made: how far they are, what comes next, and how surprising it was.

Shape letters: B pictures, H W pixels, P = H W places in reading order, V levels.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Field, Image, Series, View

from .model.sampling import PixelSampler
from .state import MOST_BITS, UNKNOWN, PixelState, coloured

N_COLUMNS: Final = 2


def frame_of(sampler: PixelSampler, state: PixelState, stops: Sequence[int], step: int) -> Frame:
    """The frame at a stop: all pixels before it are settled, and what is said about it is known."""
    config, task = sampler.config, sampler.task
    place, n_steps = stops[step], len(stops)
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
        scalars(surprise, stops[max(step - 1, 0)], place),
        {
            "values": values.reshape(shape),
            "kept": state.kept.reshape(config.size_px, config.size_px).copy(),
            "labels": task.labels.copy(),
            "place": np.array([place], np.int64),
        },
    )


def scalars(surprise: npt.NDArray[np.float32], before: int, place: int) -> dict[str, float]:
    """Of the first picture: bits per pixel so far, and of the pixels since the last stop."""
    if not place:
        return {}
    newest = surprise[0, before:place] if before < place else surprise[0, :place]
    return {"bits": float(surprise[0, :place].mean()), "surprise": float(newest.mean())}


def next_value(sampler: PixelSampler, place: int) -> Series:
    """The distribution that the next value of each picture is drawn from, after guidance and temperature."""
    law = sampler.task.law[place] / sampler.task.temperature  # (B, V)
    chances = np.exp(law - law.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    curves = {N_("Ending {n}").format(n=number): row.astype(np.float32) for number, row in enumerate(chances, 1)}
    return Series(curves, np.arange(law.shape[1], dtype=np.float32), N_("Value of the next pixel"))


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
