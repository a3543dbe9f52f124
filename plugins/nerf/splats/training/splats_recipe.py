"""The trainings that make splats: those of `nerf/glossy-splats`, and those of one’s own photos."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from studio.api.engine import Device, TrainOptions
from studio.core.frame import Frame
from studio.core.translation import N_

from ...field.model.weights import FieldParts, load_field
from ...field.training.our_scenes import GLOSSY_SCENE, MODELS, OurSceneRecipe
from ...field.training.photos_recipe import PhotosRecipe, PhotosSettings
from ...field.training.scene_lesson import SceneLesson
from ...field.training.scene_recipe import SceneTexts
from .learning import FLOOR, learn_splats
from .splats_lesson import SplatsLesson
from .splats_training import SplatsSettings, n_splats_param

SURFACE_STEPS: Final = 800
"""Steps of a field that finds out where surfaces are, before splats are laid on them; at most a fifth of all."""
SURFACE_SHARE: Final = 0.2


def _learn(lesson: SceneLesson, settings: SplatsSettings, texts: SceneTexts, options: TrainOptions) -> Iterator[Frame]:
    return learn_splats(SplatsLesson(lesson, settings, _field()), texts, options)


def _field() -> FieldParts:
    """The scene that came along, whose surfaces the splats begin on."""
    return load_field(MODELS / "glossy.safetensors", {})


GLOSSY_SPLATS: Final = OurSceneRecipe(
    id="nerf/glossy-splats",
    title=N_("Kitchen of spots"),
    summary=N_("Learns the scene of shiny things as thousands of soft coloured spots."),
    minutes=12,
    scene=GLOSSY_SCENE,
    task=N_("The same kitchen as soft coloured spots: walk around it, and take it apart."),
    floors={FLOOR: 34.0},
    settings=SplatsSettings(),
    learn=_learn,
)


@dataclass(frozen=True)
class PhotoSplatsSettings(PhotosSettings):
    """What a person chooses for splats of own photos."""

    n_steps: int = 4000
    n_splats: int = n_splats_param()


@dataclass(frozen=True)
class PhotoSplatsRecipe(PhotosRecipe):
    """`nerf/photos-splats`: whatever photos show, as splats: a field finds the surfaces, splats begin on them."""

    id: str = "nerf/photos-splats"
    title: str = N_("Your scene of spots")
    summary: str = N_("Learns a place or a thing from your own photos or a video, as thousands of soft coloured spots.")
    minutes: float = 10
    kind: str = "splats"
    settings: PhotoSplatsSettings = field(default_factory=PhotoSplatsSettings)

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while photos are read and surfaces found, then one for every step; write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        lesson, texts = yield from self.lesson_of(settings)
        parts = yield from _surfaces(lesson, settings.n_steps, options.device)
        chosen = SplatsSettings(settings.n_steps, settings.n_splats, settings.keep_best)
        yield from learn_splats(SplatsLesson(lesson, chosen, parts), texts, options)


def _surfaces(lesson: SceneLesson, n_steps: int, device: Device) -> Generator[Frame, None, FieldParts]:
    """A field that has learnt for a short while."""
    n_short = max(1, min(SURFACE_STEPS, round(SURFACE_SHARE * n_steps)))
    training = replace(lesson, settings=replace(lesson.settings, n_steps=n_short)).training(device)
    for step in training.run():
        percent = round(100 * (step.step + 1) / n_short)
        yield Frame(0, n_steps, N_("Finding out where surfaces are: {percent} %").format(percent=percent))
    return training.average
