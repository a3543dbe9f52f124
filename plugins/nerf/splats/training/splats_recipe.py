"""The training that makes the splats that travel with the family, `nerf/glossy-splats`, and what its card says."""

import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from studio.api.engine import TrainOptions
from studio.api.training import Validation, follow_training, machine_name, measuring_frames
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.translation import N_

from ...field.model.weights import FieldParts, load_field
from ...field.photos.photos import Part, straightened
from ...field.training.evaluation import likeness
from ...field.training.field_training import FieldSettings
from ...field.training.glossy_recipe import HOME, PACK, SHAPE, read_glossy
from ...field.training.scene_lesson import PSNR, SceneLesson
from ...field.training.scene_recipe import MAX_MEASURED, UNMEASURED
from ..model.files import ARCHITECTURE, load_splats, save_splats
from ..model.splats import Splats
from ..training_registry import TRAININGS
from .splats_lesson import SplatsLesson
from .splats_training import SplatsSettings, SplatsTraining

FIELD: Final = "glossy.safetensors"
FLOOR_DB: Final = 34.0
TRICKS: Final = (
    N_("The splats begin on the surfaces of the scene that the network learnt, with its colours."),
    N_("Each photo is laid on a random colour, so that what is transparent stays transparent."),
    N_("Splats are added where the picture would rather have them elsewhere, up to a fixed number."),
    N_("Numbers are written as 8 or 16 bits each."),
)


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
        lesson = SplatsLesson(scene, settings, _field())
        training = yield from _begun(lesson, settings.n_steps)
        with TRAININGS.learning(options.out.parent.name, lesson, training.learner, lesson.scene.facts):
            yield from follow_training(
                training,
                options.out.with_suffix(".checkpoint"),
                options.is_resumed,
                preview=lesson.preview(),
                validation=Validation(lesson.measure, PSNR, is_higher_better=True),
            )
        work = self._written(lesson, training, options, is_full)
        yield from measuring_frames(settings.n_steps, work)

    def _written(
        self, lesson: SplatsLesson, training: SplatsTraining, options: TrainOptions, is_full: bool
    ) -> Generator[float, None, None]:
        """Write the splats, and a card with what was measured of the file, if that is wanted."""
        save_splats(options.out, training.average)
        yield 0.0
        splats, photos = load_splats(options.out), lesson.scene.photos
        checks: list[Check] = []
        if options.is_measured:
            checks = yield from self._measured(lesson, splats, is_full)
        n, which = int((photos.split == "train").sum()), "full" if is_full else "small"
        card = {
            "id": self.id,
            "title": self.title,
            "kind": "splats",
            "task": N_("The same kitchen as soft coloured spots: walk around it, and take it apart."),
            "data": N_("{n} pictures of {size} x {size} pixels, rendered for this program from CC0 models").format(
                n=n, size=photos.width
            ),
            "data_set": {"name": "glossy", "which": which, "n_items": n, "size_px": photos.width},
            "licence": "MIT",
            "n_params": sum(array.size for array in splats.arrays().values()),
            "trained": {
                "date": time.strftime("%Y-%m-%d"),
                "minutes": round(training.learner.seconds / 60, 1),
                "machine": machine_name(),
                "n_steps": training.step,
                "seed": self.seed,
                "data_set": which,
            },
            "architecture": ARCHITECTURE,
            "n_splats": len(splats),
            "degree": splats.degree,
            "up": "z",
            "camera": {name: value.tolist() for name, value in HOME.position().items()},
            "photos": PACK,
            "settings": asdict(lesson.settings),
            "tricks": list(TRICKS),
            "notes": [
                N_("Pictures are compared on white, as 8-bit sRGB."),
                *([] if options.is_measured else [UNMEASURED]),
            ],
        }
        write_card(options.out.with_suffix(".json"), card, checks, n_digits=6)

    def _measured(self, lesson: SplatsLesson, splats: Splats, is_full: bool) -> Generator[float, None, list[Check]]:
        photos = lesson.scene.photos
        part: Part = "test" if (photos.split == "test").any() else "val"
        held_out = straightened(photos.part(part))
        numbers = range(0, len(held_out), -(-len(held_out) // MAX_MEASURED))
        found = yield from likeness(lesson.drawn(splats), held_out, numbers, with_ssim=True)
        word = "test" if part == "test" else "held-out"
        about = N_("{n} {word} views of {px} px").format(n=len(numbers), word=word, px=photos.width)
        floor = FLOOR_DB if is_full else None
        return [
            Check(N_("PSNR in dB, {about}").format(about=about), found.mean_psnr_db, floor),
            Check(N_("SSIM, {about}").format(about=about), found.mean_ssim),
            Check(N_("PSNR in dB of the worst, {about}").format(about=about), min(found.psnr_db)),
        ]


def _begun(lesson: SplatsLesson, n_steps: int) -> Generator[Frame, None, SplatsTraining]:
    beginning = lesson.training()
    while True:
        yield Frame(0, n_steps, N_("Finding out where the scene is"))
        try:
            next(beginning)
        except StopIteration as end:
            training: SplatsTraining = end.value
            return training


def _field() -> FieldParts:
    """The scene that came along, whose surfaces the splats begin on."""
    return load_field(Path(str(files(__package__.rsplit(".", 2)[0]) / "models" / FIELD)), {})
