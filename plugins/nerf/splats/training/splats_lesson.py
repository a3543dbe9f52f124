"""One training of splats on the photos of a scene: where they begin, their pictures, their figures."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from studio.api.training import Moment, SlowPreview, Validation
from studio.core.translation import N_
from studio.core.view import Image

from ...field.model.weights import FieldParts
from ...field.photos.photos import Part, Photos, straightened
from ...field.training.evaluation import Draw, Drawn, field_of, laid_on, likeness
from ...field.training.scene_lesson import MOMENTS, N_MEASURED, PICTURE_HEIGHT_PX, PSNR, SceneLesson
from ...shared.camera.ray import FloatArray, RayGrid
from ..model.files import state_of
from ..model.splats import Splats
from ..render.drawing import SplatDrawing
from ..render.prepared import prepared_at_once
from .density_control import DensitySettings
from .first_splats import splats_in_hull, splats_on_surfaces
from .splat_learner import LearnSettings, SplatLearner
from .splats_training import SplatsSettings, SplatsTraining

FIRST_SHARE: Final = 0.5
"""Of all splats there may be, those to begin with."""
N_DEGREE_PARTS: Final = 20
"""Of all steps, after each of which the harmonics get one degree more."""
LAST_GROWTH: Final = 0.7
"""Of all steps, those after which no splats are added."""


def drawn_splats(splats: Splats, near: float) -> Draw:
    """Draws pictures of splats, all but what is nearer than a distance in world units."""
    drawing = SplatDrawing(prepared_at_once(splats, near))

    def draw(rays: RayGrid, _: float) -> Drawn:
        for found in drawing.resting(rays):
            if found is not None:
                return found
            yield 0.0
        raise AssertionError("a picture comes to an end")

    return draw


@dataclass(frozen=True, eq=False)
class SplatsLesson:
    """What is learnt from: photos of all parts, and how.

    Attributes:
        scene: the same photos as a field would learn from them.
        start: a field that was learnt before, whose surfaces are the beginning; None to begin anywhere.
        degree: of the harmonics.
    """

    scene: SceneLesson
    settings: SplatsSettings
    start: FieldParts | None = None
    degree: int = 3

    @property
    def box(self) -> tuple[FloatArray, FloatArray]:
        """The corners (3,) of the box that the scene is in, in world units."""
        config = self.scene.config
        return np.array(config.low, np.float32), np.array(config.high, np.float32)

    @property
    def _size(self) -> float:
        low, high = self.box
        return float((high - low).max())

    @property
    def _learning(self) -> LearnSettings:
        n_steps = self.settings.n_steps
        density = DensitySettings(last=int(LAST_GROWTH * n_steps), at_most=self.settings.n_splats)
        degree_every = max(1, n_steps // N_DEGREE_PARTS)
        return LearnSettings(n_steps=n_steps, degree=self.degree, degree_every=degree_every, density=density)

    def drawn(self, splats: Splats) -> Draw:
        """Draws pictures of what was learnt."""
        return drawn_splats(splats, self._learning.near * self._size)

    def training(self) -> Generator[None, None, SplatsTraining]:
        """The training before its first step; yields while it is found out where the splats begin."""
        photos = straightened(self.scene.photos.part("train"))
        first = yield from self._first(photos)
        learner = SplatLearner(first, photos, self._learning, self._size, self.scene.seed)
        return SplatsTraining(learner, self.settings)

    def _first(self, photos: Photos) -> Generator[None, None, Splats]:
        n_splats, seed = int(FIRST_SHARE * self.settings.n_splats), self.scene.seed
        if self.start is not None:
            return (yield from splats_on_surfaces(field_of(self.start), photos, n_splats, self.degree, seed))
        return splats_in_hull(photos, *self.box, n_splats, self.degree, seed)

    def preview(self) -> SlowPreview:
        """The scene from the fixed camera, and the splats themselves, to be drawn again from any other."""
        return SlowPreview(self._draw, MOMENTS)

    def _draw(self, splats: Splats, _: int) -> Generator[Any, None, Moment]:
        camera, photos = self.scene.camera, self.scene.photos
        rays = camera.ray_grid(max(1, round(PICTURE_HEIGHT_PX * photos.width / photos.height)), PICTURE_HEIGHT_PX)
        found: Any = yield from self.drawn(splats)(rays, 0.0)
        figures: Any = {}
        if len(self.held_out):
            figures = yield from self.measure(splats)
        return Moment({"picture": Image(laid_on(found))}, {**state_of(splats), **camera.position()}, figures)

    @property
    def measured_part(self) -> tuple[Part, str]:
        """The photos that the last figures are of, and what they are called."""
        parts: tuple[tuple[Part, str], ...] = (("test", N_("test")), ("val", N_("held-out")))
        split = self.scene.photos.split
        return next(((part, word) for part, word in parts if (split == part).any()), ("train", N_("training")))

    def validation(self) -> Validation | None:
        """How near it comes to held-out photos; None where there are none."""
        return Validation(self.measure, PSNR, is_higher_better=True) if len(self.held_out) else None

    @cached_property
    def held_out(self) -> Photos:
        """Some photos that are not learnt from, whole: a splat fills more of a smaller picture. None may be there."""
        held_out = self.scene.photos.part("val")
        if not len(held_out):
            held_out = self.scene.photos.part("test")
        numbers = np.unique(np.linspace(0, max(len(held_out) - 1, 0), N_MEASURED).astype(np.int64))
        return straightened(held_out.chosen(numbers)) if len(held_out) else held_out

    def measure(self, splats: Splats) -> Generator[Any, None, Mapping[str, float]]:
        """The mean PSNR of the held-out photos."""
        numbers = range(len(self.held_out))
        found: Any = yield from likeness(self.drawn(splats), self.held_out, numbers, with_ssim=False)
        return {PSNR: found.mean_psnr_db}
