"""The training that makes `nerf/animated`, a scene that moves, and what its card says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from studio.api.engine import TrainOptions
from studio.core.frame import Frame
from studio.core.translation import N_

from ..photos.photos import Photos
from .field_training import FieldSettings
from .glossy_recipe import HOME
from .our_photos import read_our_photos
from .scene_lesson import SceneLesson
from .scene_recipe import SceneTexts, learn_scene

SHAPE: Final = {
    "low": (-1.56, -1.56, -0.25),
    "high": (1.56, 1.56, 1.5),
    "n_levels": 8,
    "log2_size": 15,
    "growth": 1.59,
}
"""The box is the one in which the scene was built."""
PACK: Final = "animated-views.npz"
SIDE_PX: Final = 256
FLOOR_DB: Final = 27.0


@dataclass(frozen=True)
class AnimatedRecipe:
    """`nerf/animated`: a biplane that rocks, and a head that circles around it."""

    id: str = "nerf/animated"
    title: str = N_("Biplane")
    summary: str = N_("Learns a scene that moves from 150 pictures, each of another moment.")
    minutes: float = 14
    needs_folder: bool = False
    can_skip_measuring: bool = True
    settings: FieldSettings = field(default_factory=lambda: FieldSettings(n_steps=7500, is_mip=False))
    seed: int = 7

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield a frame for every step; then write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        photos, is_full = yield from read_our_photos("animated", PACK, SIDE_PX, settings.n_steps)
        lesson = SceneLesson(photos, settings, self.seed, SHAPE)
        yield from learn_scene(lesson, self._texts(photos, is_full), options)

    def _texts(self, photos: Photos, is_full: bool) -> SceneTexts:
        n = int((photos.split == "train").sum())
        return SceneTexts(
            self.id,
            self.title,
            N_("A biplane that rocks and a head that circles around it, seen from any side at any moment."),
            N_("{n} pictures of {size} x {size} pixels, rendered for this program from CC0 models").format(
                n=n, size=photos.width
            ),
            "MIT",
            {"name": "animated", "which": "full" if is_full else "small", "n_items": n, "size_px": photos.width},
            (
                N_("Each picture shows another moment; the test views are of moments of their own."),
                N_("Pictures are compared on white, as 8-bit sRGB."),
            ),
            {"exact": FLOOR_DB},
            is_small=True,
            photos=PACK,
            home=HOME,
        )
