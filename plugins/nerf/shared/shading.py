"""Makes pictures of what was found along rays: colours on a background, or one of the other quantities.

H W pixels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .camera.ray import FloatArray, Rendering
from .params import BACKGROUNDS, ViewParams

ByteArray = npt.NDArray[np.uint8]

MAX_COST: Final = 64.0
"""Samples of a ray that are drawn in the brightest colour."""


@dataclass(frozen=True, eq=False)
class PictureLook:
    """How a picture is coloured.

    Attributes:
        view: one of VIEW_KINDS.
        exposure_ev: each step of 1 doubles the light.
        background: sRGB, 0..1.
        low, high: distances that get the first and the last colour of the depth map.
        colours: uint8 (256, 3), the map for depth, density and cost.
    """

    view: str
    exposure_ev: float
    background: tuple[float, float, float]
    low: float
    high: float
    colours: ByteArray


def picture_look_of(params: ViewParams, low: float, high: float, colours: ByteArray) -> PictureLook:
    """The look that the parameters ask for."""
    return PictureLook(params.view, params.exposure, BACKGROUNDS[params.background], low, high, colours)


def shaded(found: Rendering, look: PictureLook) -> ByteArray:
    """The picture of a rendering, uint8 (H, W, 3)."""
    if look.view == "colour":
        return _bytes(_on_background(_exposed(found, look.exposure_ev), found.opacity, look))
    if look.view == "normals":
        colours = (found.normal * np.float32(0.5) + np.float32(0.5)) * found.opacity[..., None]
        return _bytes(_on_background(colours, found.opacity, look))
    if look.view == "depth":
        amount = (found.depth - look.low) / max(look.high - look.low, 1e-6)
        colours = _mapped(np.float32(1) - amount, look.colours) * found.opacity[..., None]
        return _bytes(_on_background(colours, found.opacity, look))
    amount = found.opacity if look.view == "density" else found.n_samples / np.float32(MAX_COST)
    return _bytes(_mapped(np.asarray(amount, np.float32), look.colours))


def _mapped(amount: FloatArray, colours: ByteArray) -> FloatArray:
    places = (np.clip(amount, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return np.asarray(colours[places] / np.float32(255), np.float32)


def _on_background(colour: FloatArray, opacity: FloatArray, look: PictureLook) -> FloatArray:
    background = np.array(look.background, np.float32)
    return colour + (np.float32(1) - opacity)[..., None] * background


def _bytes(colour: FloatArray) -> ByteArray:
    return (np.clip(colour, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def _exposed(found: Rendering, exposure_ev: float) -> FloatArray:
    """The colours in another light, still multiplied by opacity; light adds up in linear values, not in sRGB."""
    if exposure_ev == 0:
        return found.colour
    opacity = np.maximum(found.opacity, np.float32(1e-6))[..., None]
    colour = np.asarray(found.colour / opacity, np.float32)
    light = np.asarray(linear(colour) * np.float32(2.0**exposure_ev), np.float32)
    return srgb(light) * opacity


def linear(colour: FloatArray) -> FloatArray:
    """Linear light of sRGB values in 0..1 (IEC 61966-2-1)."""
    colour = np.clip(colour, 0, 1)
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4).astype(np.float32)


def srgb(light: FloatArray) -> FloatArray:
    """SRGB values of linear light in 0..1; what is brighter is cut off (IEC 61966-2-1)."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)
