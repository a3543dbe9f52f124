"""Exports samples with their labels into a new folder, and measures what they are worth; torch stays behind it."""

import io
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.text import N_

from .augment_settings import AugmentSettings
from .augment_table import TABLE_NAME, Sample, table_text
from .people_scene import PeopleScene

if TYPE_CHECKING:
    from .augment_effect import Effect
    from .people_engine import PeopleEngine

MAX_FOLDERS: Final = 1000
LABELS: Final = (
    *("hair", "rear_hair", "beard", "mouth", "eyes", "brows", "clothes"),
    *("hair_colour", "skin_colour", "clothes_colour"),
)


@dataclass(frozen=True)
class Exported:
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
            raise UserError(N_("No folder can be made there."), N_("Choose another folder.")) from error
    raise UserError(N_("There are too many folders of samples already."), N_("Choose another folder."))


def export(
    engine: "PeopleEngine", scene: PeopleScene, settings: AugmentSettings, parent: Path, name: str
) -> Generator[Exported, None, Exported]:
    """Write pictures and table into a new folder; where it is stopped, the table of what was written is there.

    Raises:
        UserError: it cannot be written, or nothing passes.
    """
    from .augment_sampling import sampling

    folder = new_folder(parent, name)
    written: list[Sample] = []
    n_tried = 0
    try:
        for news in sampling(engine, scene, settings, settings.n):
            n_tried = news.n_tried
            if news.sample is not None:
                atomic_write(folder / news.sample.file_name, png_bytes(news.sample))
                written.append(news.sample)
            yield Exported(len(written), settings.n, n_tried, folder)
    except GeneratorExit:
        finish(folder, written)
        raise
    finish(folder, written)
    if not written:
        raise UserError(
            N_("None of {n:,} faces passed, so nothing was written.").format(n=n_tried),
            N_("Ask for less under “Real enough” or “New enough”."),
        )
    return Exported(len(written), settings.n, n_tried, folder)


def finish(folder: Path, written: Sequence[Sample]) -> None:
    """Write the table of what was written, or take the folder away where that is nothing."""
    if written:
        atomic_write(folder / TABLE_NAME, table_text(written, LABELS).encode())
    else:
        folder.rmdir()


def png_bytes(sample: Sample) -> bytes:
    """The picture as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(sample.pixels).save(file, "PNG")
    return file.getvalue()


def measure_effect(
    engine: "PeopleEngine", scene: PeopleScene, settings: AugmentSettings
) -> Generator["Effect", None, "Effect"]:
    """Yield how well two small classifiers read held-out faces while they learn, with and without the samples."""
    from .augment_study import study

    return (yield from study(engine, scene, settings))
