"""The training that makes the scene that travels with the family, `nerf/glossy`, and what its card says."""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from studio.api.engine import TrainOptions
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.camera.viewpoint import orbit_camera
from ..photos.photos import Photos
from .field_training import FieldSettings
from .our_photos import read_our_photos
from .scene_lesson import SceneLesson
from .scene_recipe import SceneTexts, learn_scene

SHAPE: Final = {
    "low": (-1.56, -1.56, -0.25),
    "high": (1.56, 1.56, 1.5),
    "n_levels": 9,
    "log2_size": 17,
    "growth": 1.59,
}
"""The box is the one in which the scene was built. Written as 8 bits a number the table takes 1.75 MB."""
PACK: Final = "glossy-views.npz"
SIDE_PX: Final = 400
HOME: Final = orbit_camera(np.array([0, 0, 0.4], np.float32), 5.1, math.radians(-62), math.radians(27), 0.6911)
"""From as far away, and through the same lens, as the pictures were taken."""
EXACT_FLOOR_DB, BAKED_FLOOR_DB = 32.0, 31.0


@dataclass(frozen=True)
class GlossyRecipe:
    """`nerf/glossy`: a kitchen machine, coffee and a golden head on a chequered plate."""

    id: str = "nerf/glossy"
    title: str = N_("Kitchen machine")
    summary: str = N_("Learns a scene of shiny things from 100 pictures of it, while you walk around.")
    minutes: float = 10
    needs_folder: bool = False
    can_skip_measuring: bool = True
    settings: FieldSettings = field(default_factory=lambda: FieldSettings(n_steps=8000))
    seed: int = 7

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield a frame for every step; then write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        photos, is_full = yield from read_glossy(settings.n_steps)
        lesson = SceneLesson(photos, settings, self.seed, SHAPE)
        yield from learn_scene(lesson, self._texts(photos, is_full), options)

    def _texts(self, photos: Photos, is_full: bool) -> SceneTexts:
        n, size = int((photos.split == "train").sum()), photos.width
        return SceneTexts(
            self.id,
            self.title,
            N_("A kitchen machine, coffee and a golden head, seen from any side."),
            N_("{n} pictures of {size} x {size} pixels, rendered for this program from CC0 models").format(
                n=n, size=size
            ),
            "MIT",
            {"name": "glossy", "which": "full" if is_full else "small", "n_items": n, "size_px": size},
            (
                N_("The test views are not trained on; rates and steps were compared using them, at 200 px."),
                N_("Pictures are compared on white, as 8-bit sRGB."),
            ),
            {"exact": EXACT_FLOOR_DB, "baked": BAKED_FLOOR_DB} if is_full else {},
            is_small=True,
            photos=PACK,
            home=HOME,
        )


def read_glossy(n_steps: int) -> Generator[Frame, None, tuple[Photos, bool]]:
    """The pictures of our scene of shiny things."""
    return read_our_photos("glossy", PACK, SIDE_PX, n_steps)
