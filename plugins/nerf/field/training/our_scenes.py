"""The trainings on the scenes that travel with the family: what their pictures are, and what their cards say."""

import math
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from studio.api.engine import TrainOptions
from studio.api.training import reading_frames
from studio.core.frame import Frame
from studio.core.place import data_dir
from studio.core.translation import N_

from ...foreign.transforms import is_scene, read_transforms
from ...shared.camera.camera import Camera
from ...shared.camera.viewpoint import orbit_camera
from ...shared.scene_training import SceneSettings
from ..photos.pack import unpack_photos
from ..photos.photos import Photos
from ..photos.reader import PhotoReading, read_photos
from .field_training import FieldSettings
from .scene_lesson import N_CODE, SceneLesson
from .scene_recipe import SceneTexts, learn_scene

SettingsT = TypeVar("SettingsT", bound=SceneSettings)
MODELS: Final = Path(str(files(__package__.rsplit(".", 2)[0]) / "models"))
PASSERS_SEED: Final = 28
ON_WHITE: Final = N_("Pictures are compared on white, as 8-bit sRGB.")
BOX: Final = {"low": (-1.56, -1.56, -0.25), "high": (1.56, 1.56, 1.5), "growth": 1.59}
"""The one in which our scenes were built."""
SHARE: Final = 0.3
"""Of the photos that are learnt from, that have somebody in them."""
_PARTS: Final = (
    (0.0, -0.42, 0.07, 0.08),
    (0.0, -0.12, 0.14, 0.25),
    (-0.06, 0.28, 0.055, 0.24),
    (0.06, 0.28, 0.055, 0.24),
)
"""Head, body and legs as ellipses: middle and half axes in heights of the person, from their middle, y downwards."""


def with_passers_by(photos: Photos, seed: int) -> Photos:
    """The same photos, somebody in front of some that are learnt from: the same ones in pictures of any size."""
    pixels = photos.pixels.copy()
    for number in np.flatnonzero(photos.split == "train"):
        random = np.random.default_rng([seed, int(number)])
        if random.random() < SHARE:
            cover = _person(random, photos.width, photos.height)[..., None]
            colour = np.append(random.uniform(15, 75, 3), 255)
            pixels[number] = np.rint(pixels[number] * (1 - cover) + colour * cover).astype(np.uint8)
    return replace(photos, pixels=pixels)


def _person(random: np.random.Generator, width: int, height: int) -> npt.NDArray[np.float64]:
    """How much of each pixel somebody covers, (H, W), with edges one pixel wide."""
    tall, lean = random.uniform(0.45, 0.8), random.uniform(-0.15, 0.15)
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    v = (y - random.uniform(0.45, 0.75)) / tall
    u = (x - random.uniform(0.1, 0.9)) / tall - lean * v
    inside = [np.hypot((u - left) / across, (v - top) / down) for left, top, across, down in _PARTS]
    edge_px = (1 - np.min(inside, axis=0)) * 0.1 * tall * height  # about so far inside the outline
    return np.clip(edge_px + 0.5, 0, 1)


@dataclass(frozen=True)
class OurScene:
    """The pictures of a scene: the full set where it was built, else what came along.

    Attributes:
        name: of the folder with the full set.
        side_px: the longest side of its pictures.
        shape: see `SceneLesson`.
        home: the view to begin with, from as far away, and through the same lens, as the pictures were taken.
        painted: what is done to the full set, which was done already to what came along.
    """

    name: str
    side_px: int
    shape: Mapping[str, Any]
    home: Camera
    painted: Callable[[Photos], Photos] | None = None

    @property
    def pack(self) -> str:
        """The file in `models/` with the pictures that came along."""
        return f"{self.name}-views.npz"

    def read(self, n_steps: int) -> Generator[Frame, None, tuple[Photos, bool]]:
        """The photos, and whether they are the full set; yields frames meanwhile."""
        folder = data_dir() / "datasets" / self.name
        is_full = is_scene(folder)
        reading = read_photos(read_transforms(folder), self.side_px) if is_full else _unpacked(MODELS / self.pack)
        photos, _ = yield from reading_frames(reading, n_steps)
        return self.painted(photos) if is_full and self.painted is not None else photos, is_full


def _unpacked(path: Path) -> Generator[PhotoReading, None, tuple[Photos, tuple[str, ...]]]:
    return (yield from unpack_photos(path)), ()


@dataclass(frozen=True, kw_only=True)
class OurSceneRecipe(Generic[SettingsT]):
    """A training on a scene of ours.

    Attributes:
        scene: what is learnt from. learn: what learns, of this scene's photos.
        task, notes: what the card says. floors: what its figures have to reach with the full set, by their names.
    """

    id: str
    title: str
    summary: str
    minutes: float
    scene: OurScene
    task: str
    notes: tuple[str, ...] = (ON_WHITE,)
    floors: Mapping[str, float]
    settings: SettingsT
    learn: Callable[[SceneLesson, SettingsT, SceneTexts, TrainOptions], Iterator[Frame]]
    needs_folder: bool = False
    can_skip_measuring: bool = True
    seed: int = 7

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield a frame for every step; then write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        photos, is_full = yield from self.scene.read(settings.n_steps)
        of_field = settings if isinstance(settings, FieldSettings) else FieldSettings(settings.n_steps)
        lesson = SceneLesson(photos, of_field, self.seed, self.scene.shape)
        yield from self.learn(lesson, settings, self._texts(photos, is_full), options)

    def _texts(self, photos: Photos, is_full: bool) -> SceneTexts:
        n, size = int((photos.split == "train").sum()), photos.width
        return SceneTexts(
            self.id,
            self.title,
            self.task,
            N_("{n} pictures of {size} x {size} pixels, rendered for this program from CC0 models").format(
                n=n, size=size
            ),
            "MIT",
            {"name": self.scene.name, "which": "full" if is_full else "small", "n_items": n, "size_px": size},
            self.notes,
            self.floors if is_full else {},
            is_small=True,
            photos=self.scene.pack,
            home=self.scene.home,
        )


def _learn_field(lesson: SceneLesson, _: FieldSettings, texts: SceneTexts, options: TrainOptions) -> Iterator[Frame]:
    return learn_scene(lesson, texts, options)


def _seen_from(height: float, azimuth_degrees: float, elevation_degrees: float) -> Camera:
    pivot = np.array([0, 0, height], np.float32)
    return orbit_camera(pivot, 5.1, math.radians(azimuth_degrees), math.radians(elevation_degrees), 0.6911)


GLOSSY_SHAPE: Final = {**BOX, "n_levels": 9, "log2_size": 17}
"""Written as 8 bits a number the table takes 1.75 MB."""
GLOSSY_SCENE: Final = OurScene("glossy", 400, GLOSSY_SHAPE, _seen_from(0.4, -62, 27))
GLOSSY: Final = OurSceneRecipe(
    id="nerf/glossy",
    title=N_("Kitchen machine"),
    summary=N_("Learns a scene of shiny things from 100 pictures of it, while you walk around."),
    minutes=10,
    scene=GLOSSY_SCENE,
    task=N_("A kitchen machine, coffee and a golden head, seen from any side."),
    notes=(N_("The test views are not trained on; rates and steps were compared using them, at 200 px."), ON_WHITE),
    floors={"exact": 32.0, "baked": 31.0},
    settings=FieldSettings(n_steps=8000),
    learn=_learn_field,
)
ANIMATED: Final = OurSceneRecipe(
    id="nerf/animated",
    title=N_("Biplane"),
    summary=N_("Learns a scene that moves from 150 pictures, each of another moment."),
    minutes=14,
    scene=OurScene("animated", 256, {**BOX, "n_levels": 8, "log2_size": 15}, GLOSSY_SCENE.home),
    task=N_("A biplane that rocks and a head that circles around it, seen from any side at any moment."),
    notes=(N_("Each picture shows another moment; the test views are of moments of their own."), ON_WHITE),
    floors={"exact": 27.0},
    settings=FieldSettings(n_steps=7500, is_mip=False),
    learn=_learn_field,
)
RELIT: Final = OurSceneRecipe(
    id="nerf/relit",
    title=N_("Bear in eight lights"),
    summary=N_("Learns a scene from photos in different light, with people walking through them."),
    minutes=3,
    scene=OurScene(
        "relit",
        200,
        {**GLOSSY_SHAPE, "n_code": N_CODE},
        _seen_from(0.45, -50, 22),
        lambda photos: with_passers_by(photos, PASSERS_SEED),
    ),
    task=N_("A toy bear and a chrome ball, seen from any side and in any of eight lights."),
    notes=(
        N_("In {percent} % of the pictures somebody stands before the scene; the program painted them in.").format(
            percent=round(100 * SHARE)
        ),
        N_("The test views are not trained on, and nobody stands in them."),
        ON_WHITE,
    ),
    # Half a decibel below what 2,500 steps reached; blurred reflections in the chrome ball are most of what is missing.
    floors={"exact": 30.0},
    settings=FieldSettings(n_steps=2500, is_mip=False),
    learn=_learn_field,
)
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
"""As the skies are called under which the pictures of `nerf/relit` were rendered."""
