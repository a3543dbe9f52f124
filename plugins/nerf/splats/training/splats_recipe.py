"""The training that makes the splats that travel with the family, `nerf/glossy-splats`."""

from collections.abc import Iterator
from typing import Final

from studio.api.engine import TrainOptions
from studio.core.frame import Frame
from studio.core.translation import N_

from ...field.model.weights import FieldParts, load_field
from ...field.training.our_scenes import GLOSSY_SCENE, MODELS, OurSceneRecipe
from ...field.training.scene_lesson import SceneLesson
from ...field.training.scene_recipe import SceneTexts
from .learning import FLOOR, learn_splats
from .splats_lesson import SplatsLesson
from .splats_training import SplatsSettings


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
