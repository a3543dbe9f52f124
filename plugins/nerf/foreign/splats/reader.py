"""Tells which format of splats a file is, reads it, and writes them by the ending of a name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from studio.core.container.source import file_size, is_folder, open_regular
from studio.core.error import UserError
from studio.core.translation import N_

from ...splats.model.splats import Splats
from .compressed_ply import COMPRESSED_PLY, is_compressed, read_compressed_ply, write_compressed_ply
from .gltf import GLTF, looks_like_gltf, read_gltf, write_glb
from .ply import PLY, read_ply, write_ply
from .ply_header import MAX_HEAD_BYTES, is_ply, parse_head
from .scene import SplatFile
from .sog import META, SOG, holds_sog, looks_like_sog, read_sog, read_sog_folder, write_sog
from .splat import SPLAT, read_splat, write_splat
from .spz import SPZ, looks_like_spz, read_spz, write_spz
from .turn import moved

FORMATS: Final[Mapping[str, str]] = {
    PLY: N_("PLY of Gaussian splats"),
    COMPRESSED_PLY: N_("compressed PLY of Gaussian splats"),
    SPLAT: N_("splat file"),
    SPZ: N_("SPZ file of Gaussian splats"),
    SOG: N_("SOG scene of Gaussian splats"),
    GLTF: N_("glTF scene of Gaussian splats"),
}
"""What each format is called."""
SUFFIXES: Final = (".ply", ".splat", ".spz", ".sog", ".glb", ".gltf")
_ZIP: Final = b"PK\x03\x04"


def looks_like_splats(path: Path) -> bool:
    """Whether it is worth reading; no more than the start of a file, or the list of an archive, is looked at."""
    path = _meant(path)
    if not path.is_file():
        return False
    with open_regular(path) as file:
        try:
            return _reader_of(path, file) is not None
        except UserError:
            return False


def read_splats(path: Path) -> SplatFile:
    """Read a file of any format, or a folder with the meta.json of a SOG scene.

    Raises UserError where it is none of them, broken, or too large.
    """
    path = _meant(path)
    with open_regular(path) as file:
        read = _reader_of(path, file)
        if read is None:
            raise UserError(N_("This is not a file of Gaussian splats that can be read here."))
        file.seek(0)
        with np.errstate(all="ignore"):  # what is no number is left out in the end
            return read(file)


def _meant(path: Path) -> Path:
    return path / META if is_folder(path) else path


_Reader = Callable[[BinaryIO], SplatFile]


def _reader_of(path: Path, file: BinaryIO) -> _Reader | None:
    """What reads the file by what it holds, and by its name where a format has no mark of its own."""
    start = file.read(MAX_HEAD_BYTES)
    suffix = path.suffix.lower()
    readers: tuple[tuple[bool, _Reader], ...] = (
        (is_ply(start), partial(_read_any_ply, start)),
        (looks_like_spz(start), read_spz),
        (looks_like_gltf(start), partial(read_gltf, folder=path.parent)),
        (path.name.lower() == META and looks_like_sog(start), lambda _: read_sog_folder(path)),
        (start.startswith(_ZIP) and suffix in (".sog", ".zip") and holds_sog(file), read_sog),
        (suffix == ".splat" and file_size(file) > 0, read_splat),
    )
    return next((read for is_it, read in readers if is_it), None)


def _read_any_ply(start: bytes, file: BinaryIO) -> SplatFile:
    head = parse_head(start)
    return read_compressed_ply(file, head) if is_compressed(head) else read_ply(file, head)


WRITERS: Final[Mapping[str, Callable[[Path, Splats], None]]] = {
    ".ply": write_ply,
    ".compressed.ply": write_compressed_ply,
    ".splat": write_splat,
    ".spz": write_spz,
    ".sog": write_sog,
    ".glb": write_glb,
}
"""What writes a file with such an ending; the longest one counts."""
_Z_TO_Y: Final = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])


def write_splats(path: Path, splats: Splats, up: str = "y") -> None:
    """Write splats with `up` upwards in the format that the name says, whole or not at all.

    Raises UserError where it says none, or the file cannot be written.
    """
    endings = [ending for ending in WRITERS if path.name.lower().endswith(ending)]
    if not endings:
        raise UserError(N_("The name must end in one of these: {endings}.").format(endings=", ".join(WRITERS)))
    write = WRITERS[max(endings, key=len)]
    if up == "z" and write is write_ply:
        write_ply(path, splats, up)  # the one format that says which way is up
    else:
        write(path, splats if up == "y" else moved(splats, _Z_TO_Y) or splats)
