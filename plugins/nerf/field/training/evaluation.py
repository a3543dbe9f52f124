"""How near drawn pictures come to photos that were not learnt from."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from studio.api.training import psnr_db, ssim

from ...shared.camera.ray import RayGrid, Rendering
from ..bake.bake import BakeSettings, bake
from ..bake.brick_march import draw_baked
from ..bake.bricks import BrickVolume
from ..model.weights import FieldParts
from ..photos.photos import Photos
from ..render.exact import Pass, exact_passes
from ..render.hash_field import HashField

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Drawn: TypeAlias = Generator[float, None, Rendering]
"""Yields how much is done, 0..1."""
Draw: TypeAlias = Callable[[RayGrid, float], Drawn]
"""Draws rays as they are at a time, 0..1."""

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

    def draw(rays: RayGrid, time: float) -> Drawn:
        passes = list[Pass]()
        for done in exact_passes(field.at(time), rays):
            passes[:] = [done]
            yield done.fraction if done.scale == 1 else 0.0
        return passes[0].rendering

    return draw


def drawn_baked(volume: BrickVolume) -> Draw:
    """Draws pictures from a baked volume."""

    def draw(rays: RayGrid, time: float) -> Drawn:
        yield 0.0
        return draw_baked(volume, rays, with_normals=False)

    return draw


def baked(field: HashField, settings: BakeSettings) -> Generator[float, None, BrickVolume | None]:
    """Bake a field, yielding how much is done; None where nothing is in it."""
    volume, work = None, {stage: stage**3 for stage in settings.stages}
    for done in bake(field, settings):
        volume = done.volume
        before = sum(cells for stage, cells in work.items() if stage < done.stage)
        yield (before + done.fraction * work.get(done.stage, 0)) / sum(work.values())
    return volume


Returned = TypeVar("Returned")


def as_part(work: Generator[float, None, Returned], first: float, last: float) -> Generator[float, None, Returned]:
    """Work that yields how much is done, as the part of a longer one from `first` to `last`."""
    while True:
        try:
            share = next(work)
        except StopIteration as end:
            returned: Returned = end.value
            return returned
        yield first + share * (last - first)


def laid_on(found: Rendering, background: float = 1.0) -> ByteArray:
    """A drawn picture (H, W, 3) on a grey, 0..1."""
    colour = found.colour + (1 - found.opacity[..., None]) * np.float32(background)
    return np.asarray(colour * 255 + 0.5).clip(0, 255).astype(np.uint8)


def likeness(
    draw: Draw, photos: Photos, numbers: Sequence[int], with_ssim: bool
) -> Generator[float, None, PhotoLikeness]:
    """Draw what these photos show and compare, on white; pixels that are ignored are taken from the photo.

    Yields how much is done.
    """
    ratios, similarities = [], []
    for place, number in enumerate(numbers):
        done = (place + 1) / len(numbers)
        drawn = draw(photos.ray_grid(number), float(photos.time[number]))
        found = yield from as_part(drawn, place / len(numbers), done)
        photo, picture = photos.on(WHITE, number), laid_on(found)
        if photos.ignored is not None:
            picture[photos.ignored[number]] = photo[photos.ignored[number]]
        ratios.append(min(psnr_db(picture, photo), MAX_DB))
        yield done
        if with_ssim:
            similarities.append(ssim(picture, photo))
            yield done
    return PhotoLikeness(tuple(ratios), tuple(similarities))
