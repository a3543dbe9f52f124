"""One training of splats on the photos of a scene: where they begin, their pictures, their figures."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from studio.api.training import Moment, SlowPreview, Validation
from studio.core.translation import N_
from studio.core.view import Image

from ...field.model.field import RadianceField
from ...field.model.weights import FieldParts
from ...field.photos.photos import Part, Photos, straightened
from ...field.render.exact import draw_exact
from ...field.training.density_grid import carved_cells
from ...field.training.evaluation import Draw, Drawn, field_of, laid_on, likeness
from ...field.training.scene_lesson import MOMENTS, N_MEASURED, PICTURE_HEIGHT_PX, PSNR, SceneLesson
from ...shared.camera.ray import FloatArray, RayGrid
from ..model.files import state_of
from ..model.splats import SH_0, Splats, splats_of
from ..render.drawing import SplatDrawing
from ..render.prepared import prepared_at_once
from .density_control import DensitySettings
from .splat_learner import LearnSettings, SplatLearner
from .splats_training import SplatsSettings, SplatsTraining

SIDE_PX: Final = 96
"""Of the pictures of the field from which its surfaces are taken."""
N_CELLS: Final = 64
"""Along each axis of the box, to find out how close points lie."""
FLATNESS: Final = 0.3
"""How thick a splat on a surface is, in parts of its width."""


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


def splats_on_surfaces(
    field: RadianceField, photos: Photos, n_splats: int, degree: int, seed: int
) -> Generator[None, None, Splats]:
    """Flat splats on what a field shows from where photos were taken; yields after each."""
    random = np.random.default_rng(seed)
    parts = []
    for number in range(len(photos)):
        parts.append(_surface(field, photos, number))
        yield
    points, normals, colours = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    chosen = random.permutation(len(points))[:n_splats]
    points, normals, colours = points[chosen], normals[chosen], colours[chosen]
    widths = spacings(points)[:, None] * np.array([1, 1, FLATNESS], np.float32)
    return coloured_splats(points, colours, widths, _turned_to(normals), degree)


def splats_in_hull(photos: Photos, low: FloatArray, high: FloatArray, n_splats: int, degree: int, seed: int) -> Splats:
    """Round grey splats at random places of a box that no photo sees through."""
    random = np.random.default_rng(seed)
    is_solid = carved_cells(photos, low, high)
    cells = np.argwhere(is_solid)[:, ::-1]  # x, y, z
    places = cells[random.integers(0, len(cells), n_splats)] + random.random((n_splats, 3))
    points = np.asarray(low + places * (high - low) / is_solid.shape[0], np.float32)
    widths = spacings(points)[:, None] * np.ones(3, np.float32)
    still = np.tile(np.array([1, 0, 0, 0], np.float32), (n_splats, 1))
    return coloured_splats(points, random.random((n_splats, 3), np.float32), widths, still, degree)


def coloured_splats(
    points: FloatArray, colours: FloatArray, widths: FloatArray, rotations: FloatArray, degree: int
) -> Splats:
    """Half opaque splats at points (N, 3) with colours (N, 3) in 0..1, the same from all sides."""
    harmonics = np.zeros((len(points), (degree + 1) ** 2, 3), np.float32)
    harmonics[:, 0] = (colours - 0.5) / SH_0
    arrays = {"centres": points, "log_scales": np.log(widths), "rotations": rotations, "harmonics": harmonics}
    return splats_of(arrays | {"opacity_logits": np.zeros(len(points))})


def spacings(points: FloatArray) -> FloatArray:
    """About how far each of points (N, 3) is from its neighbours, if they lie on surfaces: float32 (N,)."""
    low, size = points.min(0), float(np.ptp(points, axis=0).max()) / N_CELLS
    cells = ((points - low) / size).astype(np.int64) @ np.array([1, 2 * N_CELLS, 4 * N_CELLS * N_CELLS])
    _, place, counts = np.unique(cells, return_inverse=True, return_counts=True)
    return np.asarray(size / np.sqrt(counts[place]), np.float32)


def _surface(field: RadianceField, photos: Photos, number: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points, normals and colours (P, 3) of what a field shows in one photo's place."""
    rays = photos.ray_grid(number).sized(SIDE_PX, SIDE_PX * photos.height // photos.width)
    found = draw_exact(field, rays, with_normals=True)
    is_there = found.opacity > 0.5
    points = rays.origin + rays.directions()[is_there] * found.depth[is_there][:, None]
    colours = found.colour[is_there] / found.opacity[is_there][:, None]
    return np.asarray(points, np.float32), found.normal[is_there], colours


def _turned_to(normals: FloatArray) -> FloatArray:
    """Quaternions (N, 4) that turn the third axis to unit normals (N, 3)."""
    x, y, z = normals.T
    rotations = np.stack([1 + z, -y, x, np.zeros_like(z)], axis=1)
    rotations[z < -0.9999] = (0, 1, 0, 0)
    return np.asarray(rotations / np.linalg.norm(rotations, axis=1, keepdims=True), np.float32)
