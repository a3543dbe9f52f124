"""What a model does to pack pictures and to unpack them: a place for each, rounded, written, and drawn again.

Shapes: N pictures, D latent numbers, H W pixels.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.masked_picture import StartPicture
from studio.core.picture import is_picture
from studio.core.scene_codec import array, part, stored, whole
from studio.core.translation import N_

from ..arithmetic import picture_place
from ..repair import known_of
from .latent_code import STEPS, Array, placed, read, rounded, written
from .packed_file import HASH_BYTES, MAX_FILE_BYTES, MAX_PICTURES, PackedFile, file_bytes, read_file

MAX_ABS_PLACE: Final = 100.0
FIRST_STEP: Final = STEPS.index(32)


@dataclass(frozen=True, eq=False)
class Packing:
    """A picture that is packed on show.

    Attributes:
        source: it, in the model's size.
        place: (D,), from which it is redrawn best.
        step: the number of the step to which that is rounded.
    """

    source: StartPicture = stored(part(StartPicture))
    place: Array = stored(array(np.float32, -MAX_ABS_PLACE, MAX_ABS_PLACE, 1))
    step: int = stored(whole(0, len(STEPS) - 1), default=FIRST_STEP)

    @property
    def rounded(self) -> Array:
        """The place (D,) that comes out of its file."""
        return placed(rounded(self.place[None], self.step), self.step)[0]


@dataclass(frozen=True)
class PackedFolder:
    """What became of a folder: how many pictures are in the file of so many bytes, and which files were left out."""

    n: int
    n_bytes: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class UnpackedPictures:
    """The places (N, D) in a file, with their names where it has some, and the step they were rounded to."""

    places: Array
    names: tuple[str, ...]
    step: int


def packing_model(engine: Any) -> str:
    """What a file calls a model: its id, and which network it is where a model has several."""
    return str(engine.source.id) if engine.balance is None else f"{engine.source.id}:{engine.balance}"


def packed_bytes(engine: Any, places: Array, step: int, names: tuple[str, ...] = ()) -> Generator[None, None, bytes]:
    """The file of pictures at places (N, D), which are rounded to a step."""
    payload = yield from written(rounded(places, step), step)
    model_hash = bytes.fromhex(engine.source.content_hash)[:HASH_BYTES]
    n, n_latent = places.shape
    return file_bytes(PackedFile(packing_model(engine), model_hash, step, n_latent, n, names, payload))


def unpacked(engine: Any, path: Path) -> Generator[None, None, UnpackedPictures]:
    """The places in a file of this model; raises UserError where it is damaged, too large or another model's."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UserError(N_("“{name}” could not be read.").format(name=path.name)) from error
    found = read_file(data)
    if found.model_id != packing_model(engine):
        raise UserError(
            N_("These pictures were packed by the model “{model}”.").format(model=found.model_id),
            N_("Open that model, then drop the file there."),
        )
    if found.model_hash != bytes.fromhex(engine.source.content_hash)[:HASH_BYTES] or found.n_latent != engine.n_latent:
        raise UserError(
            N_("These pictures were packed by another version of this model."), N_("Open them with that version.")
        )
    symbols = yield from read(found.payload, found.n, found.n_latent, found.step)
    return UnpackedPictures(placed(symbols, found.step), found.names, found.step)


def packed_folder(engine: Any, folder: Path, step: int) -> Generator[None, None, tuple[bytes, PackedFolder]]:
    """The file of all pictures in a folder, the first 10,000 by name, and what was left out, since it is no picture.

    Raises UserError where there is none.
    """
    places, names, left_out = list[Array](), list[str](), list[str]()
    for path in picture_files(folder)[:MAX_PICTURES]:
        try:
            picture = engine.own_picture(path).picture
        except UserError:
            left_out.append(path.name)
        else:
            places.append(engine.encode(known_of(picture, engine.is_coloured)[None])[0])
            names.append(printable(path.name))
        yield
    if not places:
        raise UserError(N_("There is no picture in this folder that can be read."), N_("Choose another folder."))
    data = yield from packed_bytes(engine, np.stack(places), step, tuple(names))
    return data, PackedFolder(len(places), len(data), tuple(left_out))


def picture_files(folder: Path) -> list[Path]:
    """The files in a folder that are called like pictures, by name; raises UserError where it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if is_picture(path))
    except OSError as error:
        raise UserError(N_("“{name}” could not be read.").format(name=folder.name)) from error


def packed_start(engine: Any, path: Path) -> Generator[Frame | None, None, tuple[StartPicture, Array]]:
    """A person's picture in the model's size, and the place (D,) from which it is redrawn best."""
    source = engine.own_picture(path)
    place = yield from picture_place(engine, path)
    return StartPicture(source.picture), place
