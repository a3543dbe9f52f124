"""Reads which kinds of faces a model draws, exports them, finds the nearest real one; torch stays behind it.

N faces, K labels, H W pixels.
"""

import io
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import NearPicture

from .caption import NearFace
from .model.mode_collapse import TRIPLE, FaceModes, FloatArray, IntArray, counted, expected_shares
from .params import SampleExportSettings
from .scene import PeopleScene
from .state import FACE_PX, FACES_SET, TABLE_NAME, ExportedFace, table_text

if TYPE_CHECKING:
    from .engine import PeopleEngine
    from .state import AugmentationEffect
    from .training.evaluation import FaceReading

SMALL_PX: Final = 16
SURE_OF_LABEL: Final = 0.5
MAX_FOLDERS: Final = 1000
TABLE_LABELS: Final = (
    *("hair", "rear_hair", "beard", "mouth", "eyes", "brows", "clothes"),
    *("hair_colour", "skin_colour", "clothes_colour"),
)


@dataclass(frozen=True, eq=False)
class SampledKinds:
    """What was seen so far.

    Attributes:
        n_faces: drawn so far, of `n_wanted`.
        classes, sureness: (N,) each by label, of hair, beard and mouth; empty where the model draws no such faces.
        frequencies: the data's shares of each kind.
        spread: mean root-mean-square difference of two pictures, 0 to 1.
        words, truncation: what was asked for.
    """

    n_faces: int
    n_wanted: int
    classes: Mapping[str, IntArray]
    sureness: Mapping[str, npt.NDArray[np.float32]]
    frequencies: Mapping[str, Sequence[float]]
    spread: float
    words: str
    truncation: float

    def modes(self, labels: tuple[str, ...]) -> FaceModes:
        """The modes of some of the labels."""
        counts = counted(self.classes, self.sureness, labels)
        return FaceModes(labels, counts, expected_shares(self.frequencies, labels, self.words), self.n_faces)


def sample_kinds(
    engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int], has_kinds: bool
) -> Generator[SampledKinds | None, None, None]:
    """Yield what is seen of the seeds drawn so far, with the scene's words, truncation and directions."""
    from .training.evaluation import JUDGED_LABELS, read_drawn_faces

    frequencies = (yield from _frequencies(engine)) if has_kinds else {}
    columns = {label: JUDGED_LABELS.index(label) for label in TRIPLE}
    classes, sureness, small = [], [], []
    n_drawn = 0
    for batch in engine.batches(seeds):
        pictures = engine.faces(scene, batch)
        small.append(_small(pictures))
        n_drawn += len(batch)
        if has_kinds:
            reading = read_drawn_faces(pictures)
            classes.append(reading.classes)
            sureness.append(reading.sureness)
        yield SampledKinds(
            n_drawn,
            len(seeds),
            {label: np.concatenate(classes)[:, k] for label, k in columns.items()} if has_kinds else {},
            {label: np.concatenate(sureness)[:, k] for label, k in columns.items()} if has_kinds else {},
            frequencies,
            mean_distance(np.concatenate(small)),
            scene.params.words,
            scene.params.truncation,
        )


def _frequencies(engine: "PeopleEngine") -> Generator[None, None, Mapping[str, Sequence[float]]]:
    """The data's shares: those in the model's card, else those of the shipped faces."""
    if engine.frequencies:
        return engine.frequencies
    return (yield from _shipped_frequencies())


_shipped: dict[str, list[float]] = {}


def _shipped_frequencies() -> Generator[None, None, Mapping[str, Sequence[float]]]:
    from studio.api.training import AVATAR_LABELS, AVATARS_NAME, reading_small

    from .model.label_prior import frequencies_of

    if not _shipped:
        arrays: dict[str, Any] = yield from reading_small(AVATARS_NAME)
        _shipped.update(frequencies_of(arrays["labels"][arrays["splits"] == "train"], AVATAR_LABELS))
    return _shipped


def _small(pictures: Any) -> FloatArray:
    """Pictures (N, 3, H, W), about -1 to 1, in small as numbers (N, C) in 0..1."""
    from torch.nn import functional as F

    reduced = F.adaptive_avg_pool2d(pictures.float().clamp(-1, 1), SMALL_PX) / 2 + 0.5
    return reduced.flatten(1).cpu().numpy().astype(np.float64)


def mean_distance(pictures: FloatArray) -> float:
    """The mean over all pairs of pictures (N, C) of their root-mean-square difference; 0 for fewer than two."""
    n, n_numbers = pictures.shape
    if n < 2:
        return 0.0
    centred = pictures - pictures.mean(0)
    lengths = (centred**2).sum(1)
    squares = lengths[:, None] + lengths[None] - 2 * centred @ centred.T
    distances = np.sqrt(np.maximum(squares, 0) / n_numbers)
    return float(distances[np.triu_indices(n, 1)].mean())


@dataclass(frozen=True)
class ExportedSamples:
    """What was written so far: n_written of n_wanted pictures, after n_tried, into a folder of its own."""

    n_written: int
    n_wanted: int
    n_tried: int
    folder: Path


def new_folder(parent: Path, name: str) -> Path:
    """Make a folder in `parent` that was not there before: `name`, or "`name` 2" and so on.

    Raises:
        UserError: none can be made.
    """
    for number in range(1, MAX_FOLDERS):
        folder = parent / (name if number == 1 else f"{name} {number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise UserError(N_("A folder cannot be created there."), N_("Choose another folder.")) from error
    raise UserError(N_("There are too many folders of samples already."), N_("Choose another folder."))


def export_samples(
    engine: "PeopleEngine", scene: PeopleScene, settings: SampleExportSettings, parent: Path, name: str
) -> Generator[ExportedSamples, None, ExportedSamples]:
    """Write pictures and table into a new folder; where it is stopped, the table of what was written is there.

    Raises:
        UserError: it cannot be written, or nothing passes.
    """
    from .training.augmentation_study import sampling

    folder = new_folder(parent, name)
    written: list[ExportedFace] = []
    n_tried = 0
    try:
        for news in sampling(engine, scene, settings, settings.n):
            n_tried = news.n_tried
            if news.sample is not None:
                atomic_write(folder / news.sample.file_name, png_bytes(news.sample))
                written.append(news.sample)
            yield ExportedSamples(len(written), settings.n, n_tried, folder)
    except GeneratorExit:
        finish_export(folder, written)
        raise
    finish_export(folder, written)
    if not written:
        raise UserError(
            N_("None of {n:,} faces passed, so nothing was written.").format(n=n_tried),
            N_("Choose lower values for “Real enough” or “New enough”."),
        )
    return ExportedSamples(len(written), settings.n, n_tried, folder)


def finish_export(folder: Path, written: Sequence[ExportedFace]) -> None:
    """Write the table of what was written, or take the folder away where that is nothing."""
    if written:
        atomic_write(folder / TABLE_NAME, table_text(written, TABLE_LABELS).encode())
    else:
        folder.rmdir()


def png_bytes(sample: ExportedFace) -> bytes:
    """The picture as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(sample.pixels).save(file, "PNG")
    return file.getvalue()


def measure_effect(
    engine: "PeopleEngine", scene: PeopleScene, settings: SampleExportSettings
) -> Generator["AugmentationEffect", None, "AugmentationEffect"]:
    """Yield how well two small classifiers read held-out faces while they learn, with and without the samples."""
    from .training.augmentation_study import study

    return (yield from study(engine, scene, settings))


def find_nearest_face(pixels: npt.NDArray[np.uint8]) -> Generator[None, None, NearFace]:
    """The shipped training face nearest to pixels (S, S, 3), S a multiple of 64; yields while the set is read."""
    from studio.api.training import near_pictures

    from .training.evaluation import read_face_pixels

    pixels = shrunk(pixels)
    known = yield from near_pictures(FACES_SET)
    numbers, distances = known.find(pixels)
    yield
    near = known.pictures[numbers[0]]
    reading = read_face_pixels(np.stack([pixels, near]))
    return NearFace(NearPicture(near, float(distances[0])), len(known.pictures), differing_labels(reading))


def shrunk(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A picture (S, S, 3) at the size that training pictures have, each pixel the mean of those in its place."""
    side = len(pixels) // FACE_PX
    parts = pixels.reshape(FACE_PX, side, FACE_PX, side, 3)
    return np.round(parts.mean((1, 3))).astype(np.uint8)


def differing_labels(reading: "FaceReading") -> tuple[str, ...]:
    """The labels in which the first two pictures of a reading differ, where the judge is sure of both."""
    from .training.evaluation import JUDGED_LABELS

    is_sure = (reading.sureness[:2] >= SURE_OF_LABEL).all(0)
    differs = reading.classes[0] != reading.classes[1]
    return tuple(label for label, is_other in zip(JUDGED_LABELS, is_sure & differs, strict=True) if is_other)
