"""The training that makes the splats that travel with the family, `nerf/glossy-splats`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from studio.api.engine import TrainOptions
from studio.core.frame import Frame
from studio.core.translation import N_

from ...field.model.weights import FieldParts, load_field
from ...field.photos.photos import Photos
from ...field.training.field_training import FieldSettings
from ...field.training.glossy_recipe import HOME, PACK, SHAPE, read_glossy
from ...field.training.scene_lesson import SceneLesson
from ...field.training.scene_recipe import SceneTexts
from .learning import FLOOR, learn_splats
from .splats_lesson import SplatsLesson
from .splats_training import SplatsSettings

FIELD: Final = "glossy.safetensors"
FLOOR_DB: Final = 34.0


@dataclass(frozen=True)
class SplatsRecipe:
    """`nerf/glossy-splats`: the scene of `nerf/glossy` as splats."""

    id: str = "nerf/glossy-splats"
    title: str = N_("Kitchen of spots")
    summary: str = N_("Learns the scene of shiny things as thousands of soft coloured spots.")
    minutes: float = 12
    needs_folder: bool = False
    can_skip_measuring: bool = True
    kind: str = "splats"
    settings: SplatsSettings = field(default_factory=SplatsSettings)
    seed: int = 7

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield a frame for every step; then write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        photos, is_full = yield from read_glossy(settings.n_steps)
        scene = SceneLesson(photos, FieldSettings(settings.n_steps), self.seed, SHAPE)
        yield from learn_splats(SplatsLesson(scene, settings, _field()), self._texts(photos, is_full), options)

    def _texts(self, photos: Photos, is_full: bool) -> SceneTexts:
        n, size = int((photos.split == "train").sum()), photos.width
        return SceneTexts(
            self.id,
            self.title,
            N_("The same kitchen as soft coloured spots: walk around it, and take it apart."),
            N_("{n} pictures of {size} x {size} pixels, rendered for this program from CC0 models").format(
                n=n, size=size
            ),
            "MIT",
            {"name": "glossy", "which": "full" if is_full else "small", "n_items": n, "size_px": size},
            (N_("Pictures are compared on white, as 8-bit sRGB."),),
            {FLOOR: FLOOR_DB} if is_full else {},
            photos=PACK,
            home=HOME,
        )


def _field() -> FieldParts:
    """The scene that came along, whose surfaces the splats begin on."""
    return load_field(Path(str(files(__package__.rsplit(".", 2)[0]) / "models" / FIELD)), {})
