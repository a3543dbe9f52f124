"""The training that makes `nerf/relit`: a scene whose photos were taken in different light, with people before some."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from studio.api.engine import TrainOptions
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.camera.viewpoint import orbit_camera
from ..photos.passers_by import SHARE, with_passers_by
from ..photos.photos import Photos
from .field_training import FieldSettings
from .glossy_recipe import SHAPE
from .our_photos import read_our_photos
from .scene_lesson import N_CODE, SceneLesson
from .scene_recipe import SceneTexts, learn_scene

NAME: Final = "relit"
PACK: Final = "relit-views.npz"
SIDE_PX: Final = 200
PASSERS_SEED: Final = 28
HOME: Final = orbit_camera(np.array([0, 0, 0.45], np.float32), 5.1, math.radians(-50), math.radians(22), 0.6911)
FLOOR_DB: Final = 30.0
"""Half a decibel below what 2,500 steps reached; blurred reflections in the chrome ball are most of what is missing."""
LIGHTS: Final = (
    N_("studio"),
    N_("city"),
    N_("forest"),
    N_("interior"),
    N_("night"),
    N_("courtyard"),
    N_("sunrise"),
    N_("sunset"),
)
"""As the skies are called under which its pictures were rendered."""


@dataclass(frozen=True)
class RelitRecipe:
    """`nerf/relit`: a toy bear and a chrome ball in eight lights."""

    id: str = "nerf/relit"
    title: str = N_("Bear in eight lights")
    summary: str = N_("Learns a scene from photos in different light, with people walking through them.")
    minutes: float = 3
    needs_folder: bool = False
    can_skip_measuring: bool = True
    settings: FieldSettings = field(default_factory=lambda: FieldSettings(n_steps=2500, is_mip=False))
    seed: int = 7

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield a frame for every step; then write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        photos, is_full = yield from read_our_photos(NAME, PACK, SIDE_PX, settings.n_steps)
        if is_full:  # those that came along have people in them already
            photos = with_passers_by(photos, PASSERS_SEED)
        lesson = SceneLesson(photos, settings, self.seed, {**SHAPE, "n_code": N_CODE})
        yield from learn_scene(lesson, self._texts(photos, is_full), options)

    def _texts(self, photos: Photos, is_full: bool) -> SceneTexts:
        n, size = int((photos.split == "train").sum()), photos.width
        return SceneTexts(
            self.id,
            self.title,
            N_("A toy bear and a chrome ball, seen from any side and in any of eight lights."),
            N_("{n} pictures of {size} x {size} pixels, rendered for this program from CC0 models").format(
                n=n, size=size
            ),
            "MIT",
            {"name": NAME, "which": "full" if is_full else "small", "n_items": n, "size_px": size},
            (
                N_(
                    "In {percent} % of the pictures somebody stands before the scene; the program painted them in."
                ).format(percent=round(100 * SHARE)),
                N_("The test views are not trained on, and nobody stands in them."),
                N_("Pictures are compared on white, as 8-bit sRGB."),
            ),
            {"exact": FLOOR_DB} if is_full else {},
            is_small=True,
            photos=PACK,
            home=HOME,
        )
