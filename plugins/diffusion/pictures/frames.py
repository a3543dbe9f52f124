"""Draws a step of pictures: noisy, predicted, the noise in it, what changed; finds the nearest training pictures.

L words, H W pixels, h w cells of the attention.
"""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.training import N_ICONS, near_pictures, nearest_icons
from studio.core.pausing import result_of
from studio.core.translation import N_
from studio.core.view import Field, Image, Nearest, NearPicture, View

from ..shared.model.denoiser import DiffusionModel, DiffusionStep, FloatArray
from ..shared.model.inpainting import compose
from ..shared.model.run import MASK, PICTURE
from ..shared.state import ATTENTION, CHANGE, NOISY, PREDICTED, REMOVED, SHARP
from .model.denoisers import LatentModel

ByteArray: TypeAlias = npt.NDArray[np.uint8]
GREY: Final = 128
NOISE_SPREAD: Final = 4.0
"""How many standard deviations of noise lie between black and white."""
CHANGE_GAIN: Final = 2.0
SHARP_PX: Final = {1: 512, 4: 256, math.inf: 128}
"""How large so many pictures beside each other are drawn, where they have no size of their own."""
N_SHOWN: Final = 3
WHOLE: Final = N_("Mean colour difference over the whole picture, 0 to 1")
ICON: Final = N_("Mean colour difference, 0 to 1, where the icon fits the scene best")
_SETS: Final = ("digits", "avatars")


def tiled(pictures: ByteArray, n_columns: int, empty: int = 0) -> ByteArray:
    """Pictures (N, H, W, 3) in rows of n_columns, (rows H, columns W, 3); places left over are grey of `empty`."""
    n, height, width, _ = pictures.shape
    if n == 1:
        return np.ascontiguousarray(pictures[0])
    n_rows = -(-n // n_columns)
    if n < n_rows * n_columns:
        gaps = np.full((n_rows * n_columns - n, height, width, 3), empty, np.uint8)
        pictures = np.concatenate([pictures, gaps])
    rows = pictures.reshape(n_rows, n_columns, height, width, 3).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(n_rows * height, n_columns * width, 3))


class PictureDrawing:
    """Draws the steps of one run; what the step before believed is not looked at twice."""

    def __init__(self, most_px: int = SHARP_PX[1]) -> None:
        self._most_px = most_px
        self._nothing: FloatArray | None = None
        self._x0_predictions: dict[int, tuple[Tensor, FloatArray]] = {}
        self._maps: dict[str, View] = {}

    def views(self, model: DiffusionModel, steps: Sequence[DiffusionStep]) -> dict[str, View]:
        """The views of one step of B items, side by side; the finished one is decoded in full, with the last maps."""
        if steps[0].prediction is None:
            pictures = [model.decode(step.x) for step in steps]
            finished = small(pictures, steps)
            grey = Image(np.full_like(finished.pixels, GREY))
            large = sharp(model, pictures, steps, self._most_px)
            first = {} if large is None else {SHARP: large}
            return {**first, NOISY: finished, PREDICTED: finished, REMOVED: grey, CHANGE: grey, **self._maps}
        drawn = [self._views_of(model, step, item) for item, step in enumerate(steps)]
        views: dict[str, View] = {name: Image(squared([item[name] for item in drawn])) for name in drawn[0]}
        self._maps = maps_of(steps[0])
        return {**views, **self._maps}

    def _views_of(self, model: DiffusionModel, step: DiffusionStep, item: int) -> dict[str, ByteArray]:
        """The pictures (H, W, 3) of one item; grey means no noise and no change."""
        assert step.prediction is not None
        x0, eps = step.prediction.x0, step.prediction.eps
        noisy, x0_prediction, noise = model.preview(torch.cat([step.x, x0, eps]))
        if self._nothing is None or self._nothing.shape != noise.shape:
            self._nothing = model.preview(eps * 0)[0]
        change = x0_prediction * 0 if step.before is None else x0_prediction - self._before(model, step.before, item)
        self._x0_predictions[item] = (x0, x0_prediction)
        removed = 0.5 + 2 / NOISE_SPREAD * (noise - self._nothing)
        drawn = to_bytes(np.stack([noisy, x0_prediction, removed, 0.5 + CHANGE_GAIN * change]))
        views = dict(zip((NOISY, PREDICTED, REMOVED, CHANGE), drawn, strict=True))
        return {**views, PREDICTED: with_known(views[PREDICTED], step)}

    def _before(self, model: DiffusionModel, x0: Tensor, item: int) -> FloatArray:
        """What was believed a step earlier: mostly what was drawn then."""
        known = self._x0_predictions.get(item)
        return known[1] if known is not None and torch.equal(known[0], x0) else model.preview(x0)[0]


def maps_of(step: DiffusionStep) -> dict[str, View]:
    """Where each word was seen, (L, h, w); nothing where nobody asked."""
    attention = None if step.prediction is None else step.prediction.attention
    if attention is None:
        return {}
    return {ATTENTION: Field(np.ascontiguousarray(attention[0].float().cpu().numpy()), "attention", 0.0, 1.0)}


def draw_dissolving(model: DiffusionModel, step: DiffusionStep) -> dict[str, View]:
    """The view of a person's picture on its way to noise."""
    return {NOISY: Image(to_bytes(model.decode(step.x) if step.k == step.n_steps else model.preview(step.x)[0]))}


def draw_x0_prediction(model: DiffusionModel, steps: Sequence[DiffusionStep]) -> Image | None:
    """What is believed in at a step, decoded in full; None for a finished step."""
    clean = [step.prediction.x0 for step in steps if step.prediction is not None]
    if not clean:
        return None
    pictures = [model.decode(x0) for x0 in clean]
    return sharp(model, pictures, steps) or small(pictures, steps)


def small(pictures: Sequence[FloatArray], steps: Sequence[DiffusionStep]) -> Image:
    """The decoded pictures of steps as they are, side by side, with what is kept of a person's picture."""
    pairs = zip(pictures, steps, strict=True)
    return Image(squared([with_known(to_bytes(picture), step) for picture, step in pairs]))


def sharp(
    model: DiffusionModel, pictures: Sequence[FloatArray], steps: Sequence[DiffusionStep], most_px: int = SHARP_PX[1]
) -> Image | None:
    """The pictures of steps large, side by side; None where the model has no layers, or a person's pixels are kept."""
    if not isinstance(model, LatentModel) or any(MASK in step.carried for step in steps):
        return None
    size_px = min(most_px, next(px for n, px in SHARP_PX.items() if len(pictures) <= n))
    drawn = [one for one in (model.sharp(picture, size_px) for picture in pictures) if one is not None]
    return Image(squared(drawn)) if drawn else None


def with_known(pixels: ByteArray, step: DiffusionStep) -> ByteArray:
    """The pixels (H, W, 3) with what a mask keeps of a person's picture laid over them, bit for bit."""
    if MASK not in step.carried:
        return pixels
    return np.ascontiguousarray(compose(step.carried[PICTURE], pixels, step.carried[MASK]))


def to_bytes(picture: FloatArray) -> ByteArray:
    """Pictures (..., H, W, 3) in 0..1 as sRGB bytes; what lies beyond is cut."""
    return np.ascontiguousarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def squared(pictures: Sequence[ByteArray]) -> ByteArray:
    """B pictures (H, W, 3) side by side, as many rows as columns or fewer; places left over are black."""
    return tiled(np.stack(pictures), math.ceil(math.sqrt(len(pictures))))


def nearest_to(pixels: ByteArray, data_set: str) -> Nearest | None:
    """The nearest pictures of a shipped set to pixels (H, W, 3); None where no such set is shipped."""
    if data_set == "emoji":
        found = nearest_icons(pixels.astype(np.float32) / np.float32(255), N_SHOWN)
        return Nearest(tuple(NearPicture(icon.pixels, icon.distance, icon.name) for icon in found), N_ICONS, ICON)
    if data_set not in _SETS:
        return None
    known = result_of(near_pictures(data_set))
    if known.pictures.shape[1:] != pixels.shape:
        return None
    numbers, distances = known.find(pixels, N_SHOWN)
    pairs = zip(numbers, distances, strict=True)
    pictures = tuple(NearPicture(known.pictures[number], float(distance)) for number, distance in pairs)
    return Nearest(pictures, len(known.pictures), WHOLE)
