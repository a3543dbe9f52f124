"""The calls that the people's panel sends to its engine; torch stays behind it, where only the Lane goes.

B batch, H W pixels.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.near_picture import NearPicture
from studio.core.picture import read_picture

from .caption import NearFace
from .scene import Array, PeopleScene
from .state import DragGoals

if TYPE_CHECKING:
    from torch import Tensor

    from .engine import PeopleEngine, PeopleFacts
    from .training.evaluation import FaceReading

ByteArray = npt.NDArray[np.uint8]
N_BATCH: Final = 8
LARGE_PX: Final = 128  # larger pictures are drawn one by one, and only as drafts
NEAREST_SET: Final = "avatars"
SURE_OF_LABEL: Final = 0.5


@dataclass(frozen=True, eq=False)
class Parents:
    """The two faces that a picture is mixed of, (H, W, 3) each."""

    a: ByteArray
    b: ByteArray


def people_facts(engine: "PeopleEngine") -> "PeopleFacts":
    """What the panel has to know of the model."""
    return engine.about


def draw_people(engine: "PeopleEngine", scene: PeopleScene, is_draft: bool, is_judged: bool) -> Iterator[Frame]:
    """Draw a scene; `is_draft` allows a quicker, smaller picture where the full one takes long.

    Where it is judged, the frame comes once more with the verdict.
    """
    yield from engine.scene_frames(scene, is_draft, is_judged)


def parents(engine: "PeopleEngine", scene: PeopleScene) -> Parents:
    """Draw the two faces that a scene is mixed of."""
    from ..shared.pictures import byte_pictures

    a, b = engine.parents(scene)
    pictures = [byte_pictures(engine.draw(rows[None], scene.params.noise))[0] for rows in (a, b)]
    return Parents(pictures[0], pictures[1])


def walk_places(engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int]) -> list[Array]:
    """The places (L, D) of a walk: the scene's own, then those of seeds with its words and truncation."""
    return [engine.place(scene), *(engine.place(PeopleScene(replace(scene.params, seed=seed))) for seed in seeds)]


def draw_heat(engine: "PeopleEngine", scene: PeopleScene) -> Array:
    """Which parts of a scene's picture the discriminator's score depends on, (H, W) in 0..1."""
    return engine.heat(engine.place(scene), scene.params.noise, scene.noise_seed)


def measure_directions(engine: "PeopleEngine") -> Generator[None, None, "PeopleFacts"]:
    """Measure what the directions visibly change, where nobody did; returns what the panel has to know then."""
    yield from engine.measured_directions()
    return engine.about


def batches(engine: "PeopleEngine", seeds: Sequence[int]) -> Iterator[Sequence[int]]:
    """The seeds in batches that take well below a tenth of a second each."""
    size = N_BATCH if engine.generator.size_px <= LARGE_PX else 1
    return (seeds[first : first + size] for first in range(0, len(seeds), size))


def faces(engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int]) -> "Tensor":
    """Pictures (B, 3, H, W), about -1 to 1, of seeds with a scene's words, truncation, directions and mix.

    One thread draws small ones: two wait for each other at every layer, many times as long where the machine is busy.
    """
    import torch

    from studio.api.engine import limited_threads

    n_threads = engine.device.n_threads if engine.generator.size_px > LARGE_PX else 1
    with torch.inference_mode(), limited_threads(n_threads):
        places = np.stack([engine.place(scene.at_seed(seed)) for seed in seeds])
        return engine.draw(places, scene.params.noise, scene.noise_seed, is_draft=True)


def draw_seeds(engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int]) -> Iterator[ByteArray]:
    """Yield what is drawn so far, (n, H, W, 3) of the first n seeds, until all are."""
    from ..shared.pictures import byte_pictures

    drawn: list[ByteArray] = []
    for batch in batches(engine, seeds):
        drawn.append(byte_pictures(faces(engine, scene, batch)))
        yield np.concatenate(drawn)


def find_nearest_face(engine: "PeopleEngine", pixels: ByteArray) -> Generator[None, None, NearFace]:
    """The shipped training face nearest to pixels (64, 64, 3); yields many times a second while the set is read."""
    import numpy as np

    from studio.api.training import near_pictures

    from .training.evaluation import read_face_pixels

    known = yield from near_pictures(NEAREST_SET)
    numbers, distances = known.find(pixels)
    yield
    near = known.pictures[numbers[0]]
    reading = read_face_pixels(np.stack([pixels, near]))
    return NearFace(NearPicture(near, float(distances[0])), len(known.pictures), differing_labels(reading))


def differing_labels(reading: "FaceReading") -> tuple[str, ...]:
    """The labels in which the first two pictures of a reading differ, where the judge is sure of both."""
    from .training.evaluation import JUDGED_LABELS

    is_sure = (reading.sureness[:2] >= SURE_OF_LABEL).all(0)
    differs = reading.classes[0] != reading.classes[1]
    return tuple(label for label, is_other in zip(JUDGED_LABELS, is_sure & differs, strict=True) if is_other)


def read_own_path(engine: "PeopleEngine", path: Path) -> ByteArray:
    """The picture in a file, square and of the model's size (H, W, 3); raises UserError where it cannot be read."""
    return read_own_pixels(engine, read_picture(path).rgb)


def read_own_pixels(engine: "PeopleEngine", rgb: ByteArray) -> ByteArray:
    """A picture (H, W, 3), square and of the model's size."""
    from .frames import squared

    return squared(rgb, engine.generator.size_px)


def search_place(engine: "PeopleEngine", target: ByteArray, scene: PeopleScene) -> Iterator[Frame]:
    """Look for a picture (H, W, 3) of the model's size, with the noise of a scene."""
    from .frames import project

    return project(engine, target, scene.params.seed, scene.params.noise, scene.noise_seed)


def drag_points(engine: "PeopleEngine", scene: PeopleScene, pulls: DragGoals) -> Iterator[Frame]:
    """Pull the points of a scene's picture, one frame for each step."""
    from .frames import drag

    return drag(engine, scene, pulls)
