"""How near drawn pictures come to photos that were not learnt from."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.training import psnr_db, ssim

from ..bake.bake import BakeSettings, bake
from ..bake.brick_march import draw_baked
from ..bake.bricks import BrickVolume
from ..camera.ray import RayGrid, Rendering
from ..model.weights import FieldParts
from ..photos.photos import Photos
from ..render.exact import Pass, exact_passes
from ..render.hash_field import HashField

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Drawn: TypeAlias = Generator[None, None, Rendering]
Draw: TypeAlias = Callable[[RayGrid], Drawn]

WHITE: Final = (255, 255, 255)
MAX_DB: Final = 100.0
"""Of pictures that are equal to the last bit."""


@dataclass(frozen=True)
class PhotoLikeness:
    """How like some photos drawn pictures are: of each, PSNR in dB and SSIM."""

    psnr_db: tuple[float, ...]
    ssim: tuple[float, ...]

    @property
    def mean_psnr_db(self) -> float:
        """Of all photos."""
        return float(np.mean(self.psnr_db))

    @property
    def mean_ssim(self) -> float:
        """Of all photos."""
        return float(np.mean(self.ssim))

    @property
    def worst(self) -> int:
        """The number of the photo with the lowest PSNR."""
        return int(np.argmin(self.psnr_db))


def field_of(parts: FieldParts) -> HashField:
    """The field as it is drawn."""
    return HashField(parts.config, parts.weights, parts.occupancy)


def drawn_exactly(field: HashField) -> Draw:
    """Draws pictures by asking the network."""

    def draw(rays: RayGrid) -> Drawn:
        passes = list[Pass]()
        for done in exact_passes(field, rays):
            passes[:] = [done]
            yield
        return passes[0].rendering

    return draw


def drawn_baked(volume: BrickVolume) -> Draw:
    """Draws pictures from a baked volume."""

    def draw(rays: RayGrid) -> Drawn:
        yield
        return draw_baked(volume, rays, with_normals=False)

    return draw


def baked(field: HashField, settings: BakeSettings | None = None) -> Generator[None, None, BrickVolume | None]:
    """Bake a field; None where nothing is in it."""
    volume = None
    for done in bake(field, settings):
        volume = done.volume
        yield
    return volume


def laid_on(found: Rendering, background: float = 1.0) -> ByteArray:
    """A drawn picture (H, W, 3) on a grey, 0..1."""
    colour = found.colour + (1 - found.opacity[..., None]) * np.float32(background)
    return np.asarray(colour * 255 + 0.5).clip(0, 255).astype(np.uint8)


def likeness(
    draw: Draw, photos: Photos, numbers: Iterable[int], with_ssim: bool
) -> Generator[None, None, PhotoLikeness]:
    """Draw what these photos show and compare, on white; pixels that are ignored are taken from the photo."""
    ratios, similarities = [], []
    for number in numbers:
        found: Any = yield from draw(photos.ray_grid(number))
        photo, picture = photos.on(WHITE, number), laid_on(found)
        if photos.ignored is not None:
            picture[photos.ignored[number]] = photo[photos.ignored[number]]
        ratios.append(min(psnr_db(picture, photo), MAX_DB))
        yield
        if with_ssim:
            similarities.append(ssim(picture, photo))
            yield
    return PhotoLikeness(tuple(ratios), tuple(similarities))
