"""Draws a step of pictures: noisy, what is believed, the noise in it, what has changed, and where the words were seen.

L words, H W pixels, h w cells of the attention.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from studio.core.view import Field, Image, View

from .denoiser import DiffusionModel, FloatArray
from .editing import compose
from .run import MASK, PICTURE
from .step import Step
from .tiling import ByteArray, tiled
from .view_name import ATTENTION, CHANGE, NOISY, PREDICTED, REMOVED

GREY: Final = 128
NOISE_SPREAD: Final = 4.0
"""How many standard deviations of noise lie between black and white."""
CHANGE_GAIN: Final = 2.0


class PictureDrawing:
    """Draws the steps of one run; what the step before believed is not looked at twice."""

    def __init__(self) -> None:
        self._nothing: FloatArray | None = None
        self._believed: dict[int, tuple[Tensor, FloatArray]] = {}
        self._maps: dict[str, View] = {}

    def views(self, model: DiffusionModel, steps: Sequence[Step]) -> dict[str, View]:
        """The views of one step of B items, side by side; the finished one is decoded in full, with the last maps."""
        if steps[0].prediction is None:
            finished = Image(squared([with_known(to_bytes(model.decode(step.x)), step) for step in steps]))
            grey = Image(np.full_like(finished.pixels, GREY))
            return {NOISY: finished, PREDICTED: finished, REMOVED: grey, CHANGE: grey, **self._maps}
        drawn = [self._views_of(model, step, item) for item, step in enumerate(steps)]
        views: dict[str, View] = {name: Image(squared([item[name] for item in drawn])) for name in drawn[0]}
        self._maps = maps_of(steps[0])
        return {**views, **self._maps}

    def _views_of(self, model: DiffusionModel, step: Step, item: int) -> dict[str, ByteArray]:
        """The pictures (H, W, 3) of one item; grey means no noise and no change."""
        assert step.prediction is not None
        x0, eps = step.prediction.x0, step.prediction.eps
        noisy, believed, noise = model.preview(torch.cat([step.x, x0, eps]))
        if self._nothing is None or self._nothing.shape != noise.shape:
            self._nothing = model.preview(eps * 0)[0]
        change = believed * 0 if step.before is None else believed - self._before(model, step.before, item)
        self._believed[item] = (x0, believed)
        removed = 0.5 + 2 / NOISE_SPREAD * (noise - self._nothing)
        drawn = to_bytes(np.stack([noisy, believed, removed, 0.5 + CHANGE_GAIN * change]))
        views = dict(zip((NOISY, PREDICTED, REMOVED, CHANGE), drawn, strict=True))
        return {**views, PREDICTED: with_known(views[PREDICTED], step)}

    def _before(self, model: DiffusionModel, x0: Tensor, item: int) -> FloatArray:
        """What was believed a step earlier: mostly what was drawn then."""
        known = self._believed.get(item)
        return known[1] if known is not None and torch.equal(known[0], x0) else model.preview(x0)[0]


def maps_of(step: Step) -> dict[str, View]:
    """Where each word was seen, (L, h, w); nothing where nobody asked."""
    attention = None if step.prediction is None else step.prediction.attention
    if attention is None:
        return {}
    return {ATTENTION: Field(np.ascontiguousarray(attention[0].float().cpu().numpy()), "attention", 0.0, 1.0)}


def draw_dissolving(model: DiffusionModel, step: Step) -> dict[str, View]:
    """The view of a person's picture on its way to noise."""
    return {NOISY: Image(to_bytes(model.decode(step.x) if step.k == step.n_steps else model.preview(step.x)[0]))}


def draw_belief(model: DiffusionModel, steps: Sequence[Step]) -> Image | None:
    """What is believed in at a step, decoded in full; None for a finished step."""
    clean = [step.prediction.x0 for step in steps if step.prediction is not None]
    if not clean:
        return None
    pairs = zip(clean, steps, strict=True)
    return Image(squared([with_known(to_bytes(model.decode(x0)), step) for x0, step in pairs]))


def with_known(pixels: ByteArray, step: Step) -> ByteArray:
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
