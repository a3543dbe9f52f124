"""What the recipes of this family share: a field learnt step by step, then written and measured for its card.

Keys of the card:
    architecture, config: "InstantNGP" and the fields of its configuration.
    up: the axis that points up, "z".
    camera: the view that the scene is shown from at first, as `Camera.position` has it.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    lights: names of the lights in which the scene can be shown, where there are several.
    worst: the photo that is drawn worst, and its figures: {name, exact_psnr_db, baked_psnr_db}.
    data_set: {name, which ("full", "small" or "own"), n_items, size_px}.
    tricks: sentences, one for each thing that the training does beyond the paper or instead of it.
    notes: sentences that a reader of the figures should know.
"""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from studio.api.engine import TrainOptions
from studio.api.training import follow_training, machine_name, measuring_frames
from studio.core.card import Check, write_card
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.camera.camera import Camera
from ...shared.scene_training import SceneTraining
from ..bake.bake import BakeSettings
from ..model.weights import ARCHITECTURE, FieldParts, count_params, load_field, save_field
from ..photos.photos import Photos, straightened
from ..render.hash_field import HashField
from ..training_registry import TRAININGS
from .evaluation import PhotoLikeness, as_part, baked, drawn_baked, drawn_exactly, field_of, likeness
from .field_training import FieldTraining
from .own_light import N_FITS, likeness_in_own_light
from .scene_lesson import SceneLesson

Measuring: TypeAlias = Generator[float, None, Any]
"""Yields how much is done, 0..1."""

MAX_MEASURED: Final = 20
UNMEASURED: Final = N_("It was kept without being measured.")
EXACT_SHARE, BAKED_SHARE = 0.75, 0.95
"""How much of the measuring is done when the pictures of the network are, and when the scene is baked."""
FAR_SHRINKS: Final = (2, 4, 8)
"""Fields that know spots are measured by smaller pictures of the same views as well."""
BAKED_STAGES: Final = (64, 128, 256)
"""As fine as two cores bake in their time; the same on every machine, so that the figure is."""
TRICKS: Final = (
    N_("Adam skips entries of the table that got no gradient in a step, as in the paper."),
    N_("Each pixel is placed on a background of random colour, so that what is transparent stays transparent."),
    N_("Cells through which any photo sees the background are never looked at: the photos’ opacity rules them out."),
    N_("What is shown and saved is the average over the last tenth of the steps, not the last step."),
)
OWN_TRICKS: Final = (
    N_("What stands before only one photo is a layer of that photo, not a second volume as in the paper."),
    N_("The light of a test view is found from its left half, as in the paper, and only the right half is compared."),
)
MOVING_TRICKS: Final = (
    TRICKS[0],
    TRICKS[1],
    N_("Beside the tables of what never moves there are tables of many moments; in between, their mixture counts."),
    N_("Tables of neighbouring moments are drawn together, since each photo shows one moment only."),
    TRICKS[3],
)
MIP_TRICK: Final = N_(
    "Photos are learnt at four sizes, and each place along a ray is a spot as large as the pixel is there."
)


@dataclass(frozen=True)
class SceneTexts:
    """What a card says about a scene beyond its figures.

    Attributes:
        floors: what a figure had to reach, by its name.
        is_small: whether the table is written as 8 bits a number.
        photos: the pack that holds its photos, by the name of its file.
        home: the view to begin with; that of one of the photos where it is None.
    """

    id: str
    title: str
    task: str
    data: str
    licence: str
    data_set: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    floors: Mapping[str, float] = field(default_factory=dict)
    is_small: bool = False
    photos: str = ""
    home: Camera | None = None


def learn_scene(lesson: SceneLesson, texts: SceneTexts, options: TrainOptions) -> Iterator[Frame]:
    """Yield a frame for every step; then write weights and card, with a frame each time that takes a while."""
    n_steps = lesson.settings.n_steps
    yield Frame(0, n_steps, N_("Finding out where the scene is"))
    training = lesson.training(options.device)
    with TRAININGS.learning(options.out.parent.name, lesson, training.learner, lesson.facts):
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=lesson.preview(),
            validation=lesson.validation(),
        )
    work = written(lesson, texts, training, options.out, options.is_measured)
    yield from measuring_frames(n_steps, work)


def written(
    lesson: SceneLesson, texts: SceneTexts, training: FieldTraining, out: Path, is_measured: bool = True
) -> Measuring:
    """Write the averaged field, and a card with what was measured of the file, if that is wanted."""
    parts = training.average
    save_field(
        out,
        parts.config,
        parts.weights,
        parts.occupancy,
        is_small=texts.is_small,
        lights=parts.lights,
        left_out=parts.left_out,
    )
    yield 0.0
    parts = load_field(out, {})
    checks, worst = (yield from measured(lesson, parts, texts)) if is_measured else ([], {})
    tricks = (
        *(MOVING_TRICKS if parts.config.is_moving else TRICKS),
        *(OWN_TRICKS if parts.lights is not None else ()),
        *([MIP_TRICK] if parts.config.is_mip else []),
    )
    card = card_of(lesson, texts, training, count_params(parts.weights), tricks, is_measured)
    card |= {"architecture": ARCHITECTURE, "config": asdict(parts.config), "worst": worst}
    if parts.lights is not None:
        card["lights"] = list(parts.lights.names)
    write_card(out.with_suffix(".json"), card, checks, n_digits=6)


def card_of(
    lesson: SceneLesson,
    texts: SceneTexts,
    training: SceneTraining[Any, Any],
    n_params: int,
    tricks: Sequence[str],
    is_measured: bool,
) -> dict[str, Any]:
    """The keys that the cards of all scenes have, whatever the scene was learnt as."""
    return {
        "id": texts.id,
        "title": texts.title,
        "task": texts.task,
        "data": texts.data,
        "data_set": dict(texts.data_set),
        "licence": texts.licence,
        "n_params": n_params,
        "trained": {
            "date": time.strftime("%Y-%m-%d"),
            "minutes": round(training.learner.seconds / 60, 1),
            "machine": machine_name(),
            "n_steps": training.step,
            "seed": lesson.seed,
            "data_set": texts.data_set["which"],
        },
        "up": "z",
        "camera": {name: value.tolist() for name, value in (texts.home or lesson.camera).position().items()},
        "photos": texts.photos,
        "settings": {name: value for name, value in asdict(training.settings).items() if name != "data"},
        "tricks": list(tricks),
        "notes": [*texts.notes, *([] if is_measured else [UNMEASURED])],
    }


def measured(
    lesson: SceneLesson, parts: FieldParts, texts: SceneTexts
) -> Generator[float, None, tuple[list[Check], Mapping[str, Any]]]:
    """The held-out figures, of the test photos where there are any, and the photo that is drawn worst."""
    photos, word = lesson.photos.part("test"), N_("test")
    if not len(photos):
        photos, word = lesson.photos.part("val"), N_("held-out")
    if not len(photos):
        photos, word = lesson.photos.part("train"), N_("training")
    photos = straightened(photos)
    numbers = range(0, len(photos), -(-len(photos) // MAX_MEASURED))
    if parts.lights is not None:
        chosen = photos.chosen(np.array(numbers))
        return (yield from _measured_in_own_light(parts, chosen, word, texts))
    scene = field_of(parts)
    drawing = likeness(drawn_exactly(scene), photos, numbers, with_ssim=True)
    exact = yield from as_part(drawing, 0.0, EXACT_SHARE)
    about = N_("{n} {word} views of {px} px").format(n=len(numbers), word=word, px=max(photos.width, photos.height))
    checks = _checks(about, N_("exact"), exact, texts.floors)
    if parts.config.is_mip:
        checks += yield from _from_far(scene, photos, numbers, word)
    worst = {"name": photos.names[numbers[exact.worst]], "exact_psnr_db": exact.psnr_db[exact.worst]}
    if scene.config.is_moving:
        return checks, worst
    volume = yield from as_part(baked(scene, BakeSettings(stages=BAKED_STAGES)), EXACT_SHARE, BAKED_SHARE)
    if volume is not None:
        drawing = likeness(drawn_baked(volume), photos, numbers, with_ssim=True)
        quick = yield from as_part(drawing, BAKED_SHARE, 1.0)
        checks += _checks(about, N_("baked"), quick, texts.floors)
        worst["baked_psnr_db"] = quick.psnr_db[exact.worst]
    return checks, worst


def _measured_in_own_light(
    parts: FieldParts, photos: Photos, word: str, texts: SceneTexts
) -> Generator[float, None, tuple[list[Check], Mapping[str, Any]]]:
    """The same for a field in different lights; what is baked is in one light, which no photo has exactly."""
    exact = yield from likeness_in_own_light(parts, photos, N_FITS, with_ssim=True)
    about = N_("right halves of {n} {word} views of {px} px").format(
        n=len(photos), word=word, px=max(photos.width, photos.height)
    )
    worst = {"name": photos.names[exact.worst], "exact_psnr_db": exact.psnr_db[exact.worst]}
    return _checks(about, N_("exact"), exact, texts.floors), worst


def _from_far(
    scene: HashField, photos: Photos, numbers: Sequence[int], word: str
) -> Generator[float, None, list[Check]]:
    """The figures of smaller pictures of the same views."""
    checks = []
    for shrink in FAR_SHRINKS:
        small = photos.reduced(shrink)
        found = yield from as_part(
            likeness(drawn_exactly(scene), small, numbers, with_ssim=False), EXACT_SHARE, EXACT_SHARE
        )
        about = N_("{n} {word} views of {px} px").format(n=len(numbers), word=word, px=max(small.width, small.height))
        checks.append(Check(N_("PSNR in dB, {way}, {about}").format(way=N_("exact"), about=about), found.mean_psnr_db))
    return checks


def _checks(about: str, way: str, found: PhotoLikeness, floors: Mapping[str, float]) -> list[Check]:
    return [
        Check(N_("PSNR in dB, {way}, {about}").format(way=way, about=about), found.mean_psnr_db, floors.get(way)),
        Check(N_("SSIM, {way}, {about}").format(way=way, about=about), found.mean_ssim),
        Check(N_("PSNR in dB of the worst, {way}, {about}").format(way=way, about=about), min(found.psnr_db)),
    ]
