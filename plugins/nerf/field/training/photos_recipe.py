"""The training that makes a scene of a person's own photos, `nerf/photos`, and what its card says."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from studio.api.engine import FolderFinding, TrainOptions
from studio.api.training import reading_frames
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param, text_param
from studio.core.translation import N_

from ...foreign.scene_folder import is_scene, read_scene
from ...foreign.unplaced import check_installed, has_unplaced, scene_of
from ...foreign.video import SUFFIXES as VIDEO_SUFFIXES
from ...foreign.video import is_video
from ..box import box_of_words
from ..photos.photos import Photos
from ..photos.reader import PhotoReading, read_photos
from .field_training import FieldSettings
from .scene_lesson import N_CODE, SceneLesson
from .scene_recipe import SceneTexts, learn_scene

N_NAMED: Final = 5
_BOX_ADVICE: Final = N_("Six numbers say it, the lower corner and the upper one: -1 -1 0 1 1 2.")


@dataclass(frozen=True)
class PhotosSettings(FieldSettings):
    """What a person chooses for a scene of own photos.

    Attributes:
        data: the folder with the photos and their cameras: transforms.json, a COLMAP model, or LLFF's.
        box: outside which nothing is learnt, as six numbers; empty for the one that the photos suggest.
        size_px: the longest side to which photos are shrunk.
        has_lights: whether each photo has a light, and something in front, of its own.
    """

    data: str = text_param(N_("Folder"), N_("The folder with your photos, or a video."))
    box: str = text_param(
        N_("Box"),
        N_("Six numbers, the lower and the upper corner of what is learnt; found from the photos where empty."),
    )
    size_px: int = param(
        800,
        label=N_("Longest side"),
        help=N_("Photos are shrunk to this size before training; larger ones take more time and memory."),
        low=32,
        high=2048,
        unit="px",
    )
    has_lights: bool = param(
        False,
        label=N_("Different light"),
        help=N_(
            "For photos taken in different light, or with people walking through: each photo gets a light of its own "
            "(appearance embedding), and what only one photo shows is left out (transient part)."
        ),
    )


@dataclass(frozen=True)
class PhotosRecipe:
    """`nerf/photos`: whatever photos with known cameras show."""

    id: str = "nerf/photos"
    title: str = N_("Your scene")
    summary: str = N_("Learns a place or a thing from your own photos or a video.")
    minutes: float = 12
    needs_folder: bool = True
    can_skip_measuring: bool = True
    settings: PhotosSettings = field(default_factory=PhotosSettings)
    seed: int = 11

    invitation: str = N_("Choose or drop a folder with photos, or a video.")
    file_suffixes: tuple[str, ...] = VIDEO_SUFFIXES

    def takes_folder(self, path: Path) -> bool:
        """Whether there are cameras in a folder, or the file is one with cameras, or a video to find them for."""
        return is_scene(path) or (is_video(path) and path.is_file())

    def look_into(self, path: Path) -> Generator[PhotoReading, None, FolderFinding]:
        """Say how many photos there are to learn from and to measure by, or that their places must be found first."""
        if not is_scene(path) and has_unplaced(path):
            yield PhotoReading(0, 1)
            check_installed()
            return FolderFinding(N_("Where each photo was taken is found out first, which takes some minutes."), (), 0)
        scene = read_scene(path)
        yield PhotoReading(0, len(scene.shots))
        n_learnt = sum(shot.part == "train" for shot in scene.shots)
        sentence = N_("{n} photos to learn from, {m} held back to measure with.").format(
            n=n_learnt, m=len(scene.shots) - n_learnt
        )
        return FolderFinding(sentence, scene.left_out, len(scene.left_out))

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the photos are read, then one for every step; then write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        lesson, texts = yield from self.lesson_of(settings)
        yield from learn_scene(lesson, texts, options)

    def lesson_of(self, settings: PhotosSettings) -> Generator[Frame, None, tuple[SceneLesson, SceneTexts]]:
        """Read the photos: what is learnt from them, and what the card says; yields frames meanwhile."""
        shape = _shape(settings.box) | ({"n_code": N_CODE} if settings.has_lights else {})
        photos, left_out = yield from self._read(settings)
        texts = self._texts(photos, Path(settings.data).name, left_out)
        return SceneLesson(photos, settings, self.seed, shape), texts

    def _read(self, settings: PhotosSettings) -> Generator[Frame, None, tuple[Photos, tuple[str, ...]]]:
        if not settings.data:
            raise UserError(
                N_("This scene is learnt from a folder of your own photos."),
                N_("Name the folder with --set data=FOLDER."),
            )
        placing = scene_of(Path(settings.data).expanduser())
        scene = yield from reading_frames(placing, settings.n_steps)
        photos, unreadable = yield from reading_frames(read_photos(scene, settings.size_px), settings.n_steps)
        left_out = (*scene.left_out, *unreadable)
        if left_out:
            yield Frame(0, settings.n_steps, _sentence(left_out))
        return photos, left_out

    def _texts(self, photos: Photos, folder_name: str, left_out: tuple[str, ...]) -> SceneTexts:
        n = int((photos.split == "train").sum())
        return SceneTexts(
            self.id,
            self.title,
            N_("A scene of your own, seen from any side."),
            N_("{n} photos of your own, {width} x {height} pixels").format(
                n=n, width=photos.width, height=photos.height
            ),
            N_("Your own photos; what you may do with them decides what you may do with the model."),
            {"name": printable(folder_name), "which": "own", "n_items": n, "size_px": max(photos.width, photos.height)},
            (_sentence(left_out),) if left_out else (),
        )


def _shape(words: str) -> dict[str, Any]:
    """The fields of the configuration that a box decides."""
    try:
        box = box_of_words(words)
    except ValueError as error:
        raise UserError(N_("“{words}” does not describe a box.").format(words=printable(words)), _BOX_ADVICE) from error
    return {"low": box[:3], "high": box[3:]} if box else {}


def _sentence(left_out: tuple[str, ...]) -> str:
    """Which photos were left out and why, the first few by name."""
    named = " ".join(left_out[:N_NAMED])
    more = " …" if len(left_out) > N_NAMED else ""
    return N_("Photos left out: {n:,}. {named}").format(n=len(left_out), named=named) + more
