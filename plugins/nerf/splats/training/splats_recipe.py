"""The trainings that make splats: those of `nerf/glossy-splats`, and those of one’s own photos.

Keys of the card, beside those of fields: n_splats, and the degree of their harmonics.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from studio.api.engine import Device, TrainOptions
from studio.api.training import follow_training, measuring_frames
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.translation import N_

from ...field.model.weights import FieldParts, load_field
from ...field.photos.photos import straightened
from ...field.training.evaluation import likeness
from ...field.training.our_scenes import GLOSSY_SCENE, MODELS, OurSceneRecipe
from ...field.training.photos_recipe import PhotosRecipe, PhotosSettings
from ...field.training.scene_lesson import SceneLesson
from ...field.training.scene_recipe import MAX_MEASURED, SceneTexts, card_of
from ..model.files import ARCHITECTURE, load_splats, save_splats
from ..model.splats import Splats
from ..training_registry import TRAININGS
from .splats_lesson import SplatsLesson
from .splats_training import SplatsSettings, SplatsTraining, n_splats_param

SURFACE_STEPS: Final = 800
"""Steps of a field that finds out where surfaces are, before splats are laid on them; at most a fifth of all."""
SURFACE_SHARE: Final = 0.2
FLOOR: Final = "splats"
"""What the floor of the PSNR is called."""
TRICKS: Final = (
    N_("The splats begin on the surfaces of a scene that a network learnt from the same photos, with its colours."),
    N_("Each photo is laid on a random colour, so that what is transparent stays transparent."),
    N_("Splats are added where the picture would rather have them elsewhere, up to a fixed number."),
    N_("Numbers are written as 8 or 16 bits each."),
)
Measuring: TypeAlias = Generator[float, None, list[Check]]


def learn_splats(lesson: SplatsLesson, texts: SceneTexts, options: TrainOptions) -> Iterator[Frame]:
    """Yield a frame for every step; then write weights and card, with a frame each time that takes a while."""
    n_steps = lesson.settings.n_steps
    training = yield from _begun(lesson, n_steps)
    with TRAININGS.learning(options.out.parent.name, lesson, training.learner, lesson.scene.facts):
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=lesson.preview(),
            validation=lesson.validation(),
        )
    yield from measuring_frames(n_steps, _written(lesson, texts, training, options))


def _begun(lesson: SplatsLesson, n_steps: int) -> Generator[Frame, None, SplatsTraining]:
    beginning, n_photos = lesson.training(), len(lesson.scene.photos.part("train"))
    for number in range(n_photos + 1):
        yield Frame(0, n_steps, N_("Finding out where the scene is: photo {i} of {n}").format(i=number, n=n_photos))
        try:
            next(beginning)
        except StopIteration as end:
            training: SplatsTraining = end.value
            return training
    raise AssertionError("a photo is looked at once")


def _written(
    lesson: SplatsLesson, texts: SceneTexts, training: SplatsTraining, options: TrainOptions
) -> Generator[float, None, None]:
    """Write the splats, and a card with what was measured of the file, if that is wanted."""
    save_splats(options.out, training.average)
    yield 0.0
    splats = load_splats(options.out)
    checks = (yield from _measured(lesson, splats, texts)) if options.is_measured else []
    n_params = sum(array.size for array in splats.arrays().values())
    card = card_of(lesson.scene, texts, training, n_params, TRICKS, options.is_measured)
    card |= {"kind": "splats", "architecture": ARCHITECTURE, "n_splats": len(splats), "degree": splats.degree}
    write_card(options.out.with_suffix(".json"), card, checks, n_digits=6)


def _measured(lesson: SplatsLesson, splats: Splats, texts: SceneTexts) -> Measuring:
    part, word = lesson.measured_part
    held_out = straightened(lesson.scene.photos.part(part))
    numbers = range(0, len(held_out), -(-len(held_out) // MAX_MEASURED))
    found = yield from likeness(lesson.drawn(splats), held_out, numbers, with_ssim=True)
    size_px = max(held_out.width, held_out.height)
    about = N_("{n} {word} views of {px} px").format(n=len(numbers), word=word, px=size_px)
    return [
        Check(N_("PSNR in dB, {about}").format(about=about), found.mean_psnr_db, texts.floors.get(FLOOR)),
        Check(N_("SSIM, {about}").format(about=about), found.mean_ssim),
        Check(N_("PSNR in dB of the worst, {about}").format(about=about), min(found.psnr_db)),
    ]


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
