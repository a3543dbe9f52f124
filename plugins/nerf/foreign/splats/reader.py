"""Tells which format of splats a file is, reads it, and writes them by the ending of a name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from studio.core.container.source import open_regular
from studio.core.error import UserError
from studio.core.translation import N_

from ...splats.model.splats import Splats
from .ply import PLY, read_ply, write_ply
from .ply_header import MAX_HEAD_BYTES, is_ply, parse_head
from .scene import SplatScene

FORMATS: Final[Mapping[str, str]] = {PLY: N_("PLY of Gaussian splats")}
"""What each format is called."""
_Reader = Callable[[BinaryIO], SplatScene]


def looks_like_splats(path: Path) -> bool:
    """Whether it is worth reading; no more than the start of a file is looked at."""
    if not path.is_file():
        return False
    with open_regular(path) as file:
        return _reader_of(file) is not None


def read_splats(path: Path) -> SplatScene:
    """Read a file of any format; raises UserError where it is none, broken, or too large."""
    with open_regular(path) as file:
        read = _reader_of(file)
        if read is None:
            raise UserError(N_("This is not a file of Gaussian splats that can be read here."))
        return read(file)


def _reader_of(file: BinaryIO) -> _Reader | None:
    start = file.read(MAX_HEAD_BYTES)
    return partial(_read_any_ply, start) if is_ply(start) else None


def _read_any_ply(start: bytes, file: BinaryIO) -> SplatScene:
    return read_ply(file, parse_head(start))


WRITERS: Final[Mapping[str, Callable[[Path, Splats, str], None]]] = {".ply": write_ply}
"""What writes a file with such an ending."""


def write_splats(path: Path, splats: Splats, up: str = "y") -> None:
    """Write splats with `up` upwards in the format that the name says, whole or not at all.

    Raises UserError where it says none, or the file cannot be written.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise UserError(N_("The name must end in one of these: {endings}.").format(endings=", ".join(WRITERS)))
    write(path, splats, up)
