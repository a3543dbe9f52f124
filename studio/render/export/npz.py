"""Writes the arrays of all frames of a clip as NPZ, frame by frame."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.atomic import atomic_file
from studio.core.container.metadata import metadata_text
from studio.core.container.zip_file import MAX_DIRECTORY_BYTES, MAX_MEMBERS
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.translation import N_
from studio.core.view import View
from studio.render.export.option import Export, ExportOptions, done

_ENTRY_BYTES: Final = 80  # of the archive's directory, besides the name
_START_OF_TIME: Final = (1980, 1, 1, 0, 0, 0)  # a stamp would make equal frames different files
_LEVEL: Final = 6

Array = NDArray[Any]


def write_npz(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write every array of every frame of the range as frame_00000.VIEW.FIELD, and `metadata` as JSON.

    Raises UserError where there are more arrays than an archive of ours may hold.
    """
    start, stop = options.span(clip)
    text = metadata_text(clip.made_from())
    with atomic_file(path) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        budget = _Budget()
        _add(archive, "metadata", np.array(text), budget)
        for number, frame in enumerate(clip.frames(start, stop)):
            for name, array in _arrays_of(frame):
                _add(archive, f"frame_{start + number:05d}.{name}", array, budget)
            yield done(number + 1, stop - start)
    return path


class _Budget:
    """Counts what the directory of the archive will take."""

    def __init__(self) -> None:
        self._n_members = 0
        self._n_bytes = 0

    def take(self, name: str) -> None:
        self._n_members += 1
        self._n_bytes += _ENTRY_BYTES + len(name.encode())
        if self._n_members > MAX_MEMBERS or self._n_bytes > MAX_DIRECTORY_BYTES:
            raise UserError(N_("These frames contain too many arrays for one file."), N_("Choose a shorter range."))


def _add(archive: zipfile.ZipFile, name: str, array: Array, budget: _Budget) -> None:
    budget.take(name)
    info = zipfile.ZipInfo(f"{name}.npy", _START_OF_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as member:
        np.lib.format.write_array(member, array, allow_pickle=False)


def _arrays_of(frame: Frame) -> Iterator[tuple[str, Array]]:
    for name, view in frame.views.items():
        for field, array in _fields_of(view):
            yield f"{_word(name)}.{field}", array


def _fields_of(view: View) -> Iterator[tuple[str, Array]]:
    """The arrays of a view, with lists of numbers or words as arrays and curves by their name."""
    for field, value in vars(view).items():
        if isinstance(value, np.ndarray):
            yield field, value
        elif isinstance(value, tuple):
            yield field, np.asarray(value)  # words, numbers, or notes of four numbers each
        elif field == "curves":
            yield from ((f"{field}.{_word(name)}", curve) for name, curve in value.items())


def _word(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name)
